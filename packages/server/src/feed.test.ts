import { once } from 'node:events'
import { connect } from 'node:net'
import { paths } from '@sallyport/protocol/endpoints'
import { createVerifier } from '@sallyport/verify'
import { expect, onTestFinished, test, vi } from 'vitest'
import { serve } from './node.ts'
import { password, recordingLog, requireTokens, testOptions, verifierSecret } from './testing/sallyport.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

async function start() {
  const { log } = recordingLog()
  const server = await serve({ ...testOptions, dataDir: temporaryFolder(), port: 0 }, { log })
  onTestFinished(() => server.close())
  await server.sallyport.operator.users.create({ email: 'ada@example.com', password, name: 'Ada' })
  const post = (path: string, body: object) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  return {
    url: server.url,
    signIn: async () =>
      requireTokens(await post(paths.signIn, { email: 'ada@example.com', password, transport: 'bearer' })),
    signOut: (refreshToken: string) => post(paths.signOut, { refreshToken }),
  }
}

function verifierOf(url: string) {
  const verifier = createVerifier({
    issuer: testOptions.issuer,
    audience: 'billing-api',
    jwksUrl: url + paths.jwks,
    feed: { url: url + paths.revocations, credential: verifierSecret, whenStale: 'reject' },
  })
  onTestFinished(() => verifier.close())
  return verifier
}

test('a verifier that follows the feed refuses a token as soon as its session has ended, and no other', async () => {
  const server = await start()
  const verifier = verifierOf(server.url)
  await verifier.ready()
  const [one, other] = [await server.signIn(), await server.signIn()]
  expect((await verifier.verify(one.accessToken)).permissions).toEqual(['invoice:read'])
  await server.signOut(one.refreshToken)
  await vi.waitFor(
    () => expect(verifier.verify(one.accessToken)).rejects.toMatchObject({ code: 'session_ended' }),
    { timeout: 1_000, interval: 1 },
  )
  expect(await verifier.verify(other.accessToken)).toMatchObject({ roles: ['member'] })
})

test('a verifier that connects later receives earlier revocations', async () => {
  const server = await start()
  const { accessToken, refreshToken } = await server.signIn()
  await server.signOut(refreshToken)
  const verifier = verifierOf(server.url)
  await verifier.ready()
  await expect(verifier.verify(accessToken)).rejects.toMatchObject({ code: 'session_ended' })
})

test('garbage on the connection of an open stream ends it, without a response in the stream [X12]', async () => {
  const { url } = await start()
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.on('error', () => {})
  let received = ''
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString()
    if (received.includes('snapshot')) socket.write('garbage\r\n\r\n')
  })
  socket.write(
    `GET ${paths.revocations} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${verifierSecret}\r\n\r\n`,
  )
  await once(socket, 'close')
  expect(received).toContain('snapshot')
  expect(received).not.toContain('invalid_request')
})
