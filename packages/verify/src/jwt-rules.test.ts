import { afterEach, expect, test, vi } from 'vitest'
import { createJwtVerifier } from './jwt-verifier.ts'
import { createSigningKey, issueToken, now } from './testing/issuer.ts'

const key = createSigningKey('key-1')
const token = issueToken(key)

afterEach(() => void vi.restoreAllMocks())

const start = () =>
  createJwtVerifier({ jwksUrl: 'https://backend.example/jwks', claims: {}, clock: () => now })

test('without the option `fetch`, uses the current global one, which a framework may replace', async () => {
  const verifier = start()
  const asked = vi
    .spyOn(globalThis, 'fetch')
    .mockImplementation(async () => Response.json({ keys: [key.publicJwk] }))
  expect(await verifier.verify(token)).toMatchObject({ sub: 'user-1' })
  expect(asked.mock.calls).toEqual([
    ['https://backend.example/jwks', expect.objectContaining({ redirect: 'error' })],
  ])
})

test('warns the operator of a page at the address of the keys', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  vi.spyOn(globalThis, 'fetch').mockImplementation(
    async () => new Response('<h1>Moved</h1>', { headers: { 'content-type': 'text/html' } }),
  )
  await expect(start().verify(token)).rejects.toMatchObject({ code: 'unavailable' })
  expect(warn.mock.calls).toEqual([[expect.stringContaining('answers text/html instead of JSON')]])
})
