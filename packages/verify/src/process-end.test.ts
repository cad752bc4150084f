import { spawn } from 'node:child_process'
import { paths } from '@sallyport/protocol/endpoints'
import { expect, test } from 'vitest'
import { openStream, snapshot } from './testing/feed-server.ts'
import { audience, createSigningKey, genuineClaims, issueToken } from './testing/issuer.ts'
import { sendJson, startLoopback } from './testing/loopback.ts'

const key = createSigningKey('key-1')

/** Runs a program that verifies one token with a real server, and then runs the given code. */
async function run(
  server: string,
  options: string,
  rest: string,
): Promise<{ code: number | null; output: string }> {
  const iat = Math.floor(Date.now() / 1000)
  const token = issueToken(key, genuineClaims({ iat, auth_time: iat, exp: iat + 600 }))
  const script = `
    import { createVerifier } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)}
    const verifier = createVerifier({ issuer: 'http://localhost:4000', audience: '${audience}', jwksUrl: '${server}/keys', ${options} })
    await verifier.ready()
    const principal = await verifier.verify('${token}')
    console.log(principal.userId)
    ${rest}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, output }
}

test('an idle verifier does not keep its process running', async () => {
  const server = await startLoopback(sendJson({ keys: [key.publicJwk] }))
  expect(await run(server.url, '', '')).toEqual({ code: 0, output: 'user-1\n' })
})

test('one with a feed does not keep it running after close', async () => {
  const keys = sendJson({ keys: [key.publicJwk] })
  const server = await startLoopback((req, res) => {
    if (req.url !== paths.revocations) return keys(req, res)
    openStream(res)
    res.write(snapshot(1))
  })
  const feed = `feed: { url: '${server.url}${paths.revocations}', credential: 'verifier-9XfTq2LmZr7VbNc4KwHs8PdY' }`
  expect(await run(server.url, feed, 'verifier.close()')).toEqual({ code: 0, output: 'user-1\n' })
})
