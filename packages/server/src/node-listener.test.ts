import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { paths } from '@sallyport/protocol/endpoints'
import { expect, onTestFinished, test } from 'vitest'
import { nodeListener } from './node-listener.ts'
import { origin, password, startSallyport } from './testing/sallyport.ts'

/** Starts a listener with a handler, and signs in there as a browser does. */
async function signIn(handler: Parameters<typeof nodeListener>[0]) {
  const server = createServer(nodeListener(handler))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${paths.signIn}`
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, connection: 'close' },
    body: JSON.stringify({ email: 'ada@example.com', password }),
  })
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split('=')[0])
  const headers = [...answer.headers.keys()].filter((name) => !['date', 'set-cookie'].includes(name))
  return { status: answer.status, cookies, headers, body: await answer.json() }
}

test('gives the same response with our handler and with one that wraps it', async () => {
  const { sallyport, addUser } = await startSallyport()
  await addUser()
  const direct = await signIn(sallyport)
  expect(direct).toMatchObject({ status: 200, body: { user: { email: 'ada@example.com' } } })
  expect(direct.cookies).toHaveLength(3)
  const wrapped = await signIn({
    log: sallyport.log,
    fetch: async (request, env) => {
      const answer = await sallyport.fetch(request, env)
      return new Response(answer.body, answer)
    },
  })
  expect(wrapped).toEqual(direct)
})
