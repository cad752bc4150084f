import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const minimal = { SALLYPORT_ISSUER: 'http://localhost:4000', SALLYPORT_VERIFIER_SECRET: 'secret' }

test('needs only issuer and verifier secret', () => {
  expect(readConfig(minimal)).toEqual({
    databaseFile: resolve(import.meta.dirname, '../../../.data/billing.db'),
    host: '127.0.0.1',
    port: 4100,
    logLevel: 'info',
    browserOrigins: [],
    sallyport: {
      issuer: 'http://localhost:4000',
      url: 'http://localhost:4000',
      audience: 'billing-api',
      verifierSecret: 'secret',
    },
  })
})

test('SALLYPORT_URL is the address of the auth server; the issuer is still `iss` of the tokens', () => {
  const { sallyport } = readConfig({ ...minimal, SALLYPORT_URL: 'http://auth.internal:4000/' })
  expect(sallyport).toMatchObject({ issuer: 'http://localhost:4000', url: 'http://auth.internal:4000' })
})

test.each([
  [{ SALLYPORT_ISSUER: undefined }, 'SALLYPORT_ISSUER is not set. Set it to'],
  [{ SALLYPORT_VERIFIER_SECRET: '' }, 'SALLYPORT_VERIFIER_SECRET is not set. Set it to'],
  [{ SALLYPORT_ISSUER: 'localhost:4000' }, 'SALLYPORT_ISSUER is not an http or https address'],
  [{ SALLYPORT_URL: 'file:///etc' }, 'SALLYPORT_URL is not an http or https address'],
  [{ API_PORT: 'x' }, 'API_PORT is not a port'],
  [{ API_PORT: '65536' }, 'API_PORT is not a port'],
  [{ BROWSER_ORIGINS: '*' }, 'BROWSER_ORIGINS contains "*"'],
  [{ BROWSER_ORIGINS: 'http://app.example.com' }, 'BROWSER_ORIGINS contains'],
  [{ BROWSER_ORIGINS: 'null' }, 'BROWSER_ORIGINS contains "null"'],
  [{ BROWSER_ORIGINS: 'https://app.example.com/' }, 'BROWSER_ORIGINS contains'],
  [{ BROWSER_ORIGINS: 'https://app.example.com, https://x.example.com' }, 'BROWSER_ORIGINS contains'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL is not one of'],
])('%j: reports one sentence that says what to do', (change, message) => {
  expect(() => readConfig({ ...minimal, ...change })).toThrow(TypeError)
  expect(() => readConfig({ ...minimal, ...change })).toThrow(message)
})
