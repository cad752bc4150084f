import { expect, test } from 'vitest'
import { readConfig } from '../config/config.ts'
import { FlowError } from '../services/flow-error.ts'
import { testOptions } from '../testing/sallyport.ts'
import { bearerOf, type Exchange } from './exchange.ts'
import { isBasic, requireVerifier } from './service-credential.ts'

const secrets = ['verifier-9XfTq2LmZr7VbNc4KwHs8PdY', 'with:a+colon&an%26-5JkW8nQzXr2VmTbY']
const config = { ...readConfig(testOptions), verifierSecrets: secrets }
const base64 = (text: string) => Buffer.from(text).toString('base64')

function ask(authorization: string | null): string | null {
  const request = new Request('http://localhost:4000/', {
    headers: authorization === null ? {} : { authorization },
  })
  try {
    requireVerifier({ request, config, bearer: bearerOf(request.headers) } as Exchange)
    return null
  } catch (error) {
    return error instanceof FlowError ? error.code : String(error)
  }
}

test.each(secrets)('accepts %s as a token and as a password, raw or form-encoded', (secret) => {
  const encoded = new URLSearchParams({ p: secret }).toString().slice(2)
  for (const header of [
    `Bearer ${secret}`,
    `Basic ${base64(`any:${secret}`)}`,
    `basic   ${base64(`:${secret}`)}`,
    `Basic ${base64(`any:${encoded}`)}`,
  ])
    expect(ask(header), header).toBeNull()
})

test.each([
  ['nothing', null],
  ['another token', `Bearer ${secrets[0]}x`],
  ['another password', `Basic ${base64(`any:${secrets[0]}x`)}`],
  ['an empty password', `Basic ${base64('any:')}`],
  ['a name alone', `Basic ${base64(`${secrets[0]}`)}`],
  ['the secret as a name', `Basic ${base64(`${secrets[0]}:`)}`],
  ['a part of one', `Basic ${base64('any:a+colon&an%26-5JkW8nQzXr2VmTbY')}`],
  ['another scheme', `Digest ${base64(`any:${secrets[0]}`)}`],
  ['a scheme before it', `Digest Basic ${base64(`any:${secrets[0]}`)}`],
  ['something after it', `Basic ${base64(`any:${secrets[0]}`)} x`],
  ['no space', `Basic${base64(`any:${secrets[0]}`)}`],
  ['what is no Base64', `Basic any:${secrets[0]}`],
])('refuses %s', (_, header) => {
  expect(ask(header)).toBe('client_unauthorized')
})

test.each([
  ['Basic eDp5', true],
  ['basic eDp5', true],
  ['Basiceyp5', false],
  ['Bearer Basic eDp5', false],
  ['', false],
])('whether %j is a Basic credential: %s', (authorization, expected) => {
  expect(isBasic(new Headers({ authorization }))).toBe(expected)
})

test('without the header there is no Basic credential', () => {
  expect(isBasic(new Headers())).toBe(false)
})
