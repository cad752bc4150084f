import { paths } from '@sallyport/protocol'
import { expect, test } from 'vitest'
import { startSallyport } from '../testing/sallyport.ts'

test('a token of an older version than its user is stale, by bearer and by cookie, until it is renewed', async () => {
  const server = await startSallyport()
  await server.addUser()
  const browser = server.browser()
  await browser.signIn()
  const { accessToken } = await server.signIn()
  const both = async () => [await server.session(accessToken), await browser.get(paths.session)]
  expect((await both()).map(({ status }) => status)).toEqual([200, 200])
  // As another process does it, before its entry in the log of revocations was read here.
  server.execute('update user set version = version + 1')
  for (const answer of await both())
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'token_stale' }])
  await browser.post(paths.refresh)
  expect((await browser.get(paths.session)).status).toBe(200)
})
