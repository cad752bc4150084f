import { paths } from '@sallyport/protocol/endpoints'
import { afterEach, expect, it, vi } from 'vitest'
import { readConfig } from '../config/config.ts'
import { testCredentials } from '../testing/credentials.ts'
import { connectionConfigOf } from './connection-config.ts'
import { createPageVerifier } from './verifier.ts'

afterEach(() => void vi.unstubAllGlobals())

/** The addresses that a verifier of these pages asks for all that it needs, each with the credential that it shows. */
async function asked(credentials: object) {
  const seen: [string, string | null][] = []
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
    seen.push([url, new Headers(init?.headers).get('authorization')])
    return Promise.reject(new TypeError('no network'))
  })
  const config = readConfig(
    {
      server: 'http://localhost:4310',
      issuer: 'https://auth.example.com',
      audience: 'web',
      app: 'http://localhost:3000',
      ...credentials,
    },
    {},
  )
  const verifier = createPageVerifier(connectionConfigOf(config))
  const ready = verifier.ready().catch(() => {})
  verifier.close()
  await ready
  return seen.sort()
}

it('fetches keys and revocations from `server`, not from the issuer’s URL', async () => {
  const keys = [`http://localhost:4310${paths.jwks}`, null]
  expect(await asked(testCredentials)).toEqual([
    keys,
    [`http://localhost:4310${paths.revocations}`, `Bearer ${testCredentials.verifierSecret}`],
  ])
  expect(await asked({ frontendSecret: testCredentials.frontendSecret })).toEqual([keys])
})
