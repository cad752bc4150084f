import { paths } from '@sallyport/protocol/endpoints'
import { expect, test } from 'vitest'
import { bearer, startSallyport } from '../../testing/sallyport.ts'

const ended = (rows: { endReason: unknown }[]) => rows.filter(({ endReason }) => endReason !== null).length

test('an access token alone ends its session, and no other', async () => {
  const server = await startSallyport()
  await server.addUser()
  const [one, other] = [await server.signIn(), await server.signIn()]
  expect((await server.post(paths.signOut, {}, bearer(one.accessToken))).status).toBe(204)
  expect((await server.session(one.accessToken)).status).toBe(401)
  expect((await server.session(other.accessToken)).status).toBe(200)
  const lines = server.rows<{ action: string }>('audit_event').filter(({ action }) => action === 'sign_out')
  expect(lines).toHaveLength(1)
})

test('tokens of two sessions end both; expired, forged or missing ones end none, without an error', async () => {
  const server = await startSallyport()
  await server.addUser()
  const [one, other] = [await server.signIn(), await server.signIn()]
  const [body, head] = [{ refreshToken: one.refreshToken }, bearer(other.accessToken)]
  for (const [refreshToken, accessToken] of [
    ['garbage', 'garbage'],
    [
      `${one.refreshToken.slice(0, -1)}${one.refreshToken.endsWith('A') ? 'B' : 'A'}`,
      `${other.accessToken}x`,
    ],
  ] as const)
    expect((await server.post(paths.signOut, { refreshToken }, bearer(accessToken))).status).toBe(204)
  expect((await server.post(paths.signOut, {})).status).toBe(204)
  expect(ended(server.rows('session'))).toBe(0)
  expect((await server.post(paths.signOut, body, head)).status).toBe(204)
  expect(ended(server.rows('session'))).toBe(2)
})
