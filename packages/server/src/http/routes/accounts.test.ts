import { paths } from '@sallyport/protocol'
import { expect, test } from 'vitest'
import { bearer, origin, password, startSallyport } from '../../testing/sallyport.ts'

test('a mailed link that signs in by cookie needs a page of ours, and by bearer a caller without cookies (C09)', async () => {
  const server = await startSallyport()
  await server.addUser()
  const { accessToken } = await server.signIn()
  const codeOf = async (body: object, headers: Record<string, string> = {}) => {
    const answer = await server.post(paths.emailVerify, { token: 'unknown', ...body }, headers)
    return ((await answer.json()) as { code?: string }).code
  }
  const cookie = 'refreshToken=gone'
  // Only who is let in learns that the link is none.
  const letIn = await codeOf({}, { origin })
  expect(letIn).not.toBe('origin_refused')
  expect(await codeOf({})).toBe('origin_refused')
  expect(await codeOf({ transport: 'cookie' })).toBe('origin_refused')
  expect(await codeOf({ transport: 'bearer' })).toBe(letIn)
  expect(await codeOf({}, { origin, cookie })).toBe(letIn)
  expect(await codeOf({}, { cookie })).toBe('origin_refused')
  expect(await codeOf({ transport: 'bearer' }, { origin, cookie })).toBe('credential_conflict')
  // Whoever is signed in already is given no cookie: the address alone is proven.
  expect(await codeOf({}, bearer(accessToken))).toBe(letIn)
  // With a password, that alone counts, and it signs in.
  expect(await codeOf({ password }, bearer(accessToken))).toBe('origin_refused')
})
