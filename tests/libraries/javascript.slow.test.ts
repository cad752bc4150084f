import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../system/free-port.ts'
import { compileSamples, installedLibraries } from './installed.ts'
import { type LibraryIssuer, startIssuer } from './issuer.ts'
import { seen } from './seen.ts'

let folder = ''
let issuer: LibraryIssuer
const endings: (() => void)[] = []
beforeAll(async () => {
  issuer = await startIssuer((ending) => endings.push(ending))
  folder = await installedLibraries()
  await compileSamples(folder)
}, 300_000)
afterAll(async () => {
  await issuer?.stop()
  for (const ending of endings) ending()
})

/** Starts a backend, and returns a function that calls it with a token. */
async function startBackend(file: string, env: Record<string, string> = {}) {
  const port = String(await freePort())
  const child = spawn(process.execPath, [join(folder, file)], {
    env: { PATH: process.env.PATH ?? '', ...issuer.env, PORT: port, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = once(child, 'close').then(([code]) => {
    throw new Error(`${file} has ended: ${code}\n${said}`)
  })
  const url = `http://127.0.0.1:${port}`
  const listens = expect.poll(() => fetch(url).then(() => true), { timeout: 30_000 }).toBe(true)
  await Promise.race([listens, ended])
  ended.catch(() => {})
  return async (token: string, path = '/invoices') => {
    const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
  }
}

type Ask = Awaited<ReturnType<typeof startBackend>>

/** Returns the bad tokens that a backend accepts. It must refuse all others, with 401 or another allowed status. */
async function letIn(ask: Ask, refusals = [401]): Promise<string[]> {
  const found: string[] = []
  for (const [name, token] of Object.entries(issuer.bad)) {
    const { status } = await ask(token)
    if (status === 200) found.push(name)
    else expect([name, refusals]).toEqual([name, expect.arrayContaining([status])])
  }
  return found
}

async function expectGood(ask: Ask) {
  const { status, text } = await ask(issuer.good)
  expect([status, text]).toEqual([200, expect.stringContaining(issuer.user.id)])
}

describe('tokens that a library accepts without and with docs/libraries.md [S20]', () => {
  it.each<[keyof typeof seen, string, string]>([
    ['express-oauth2-jwt-bearer', 'express-oauth2-jwt-bearer', 'express-oauth2-jwt-bearer'],
    [
      'express-oauth2-jwt-bearer (option `strict`)',
      'express-oauth2-jwt-bearer-strict',
      'express-oauth2-jwt-bearer',
    ],
    ['oauth4webapi', 'oauth4webapi', 'oauth4webapi'],
    ['passport-jwt with jwks-rsa', 'passport-jwt', 'passport-jwt'],
    ['passport-jwt with jwks-rsa', 'passport-jwt', 'nest/passport'],
    ['aws-jwt-verify', 'aws-jwt-verify', 'aws-jwt-verify'],
    ['hono/jwk', 'hono-jwk-typ', 'hono-jwk'],
    ['@fastify/jwt with get-jwks', 'fastify-jwt', 'fastify-jwt'],
  ])('%s: bare/%s.mjs and %s.ts', async (library, bare, sample) => {
    const byItself = await startBackend(`bare/${bare}.mjs`)
    await expectGood(byItself)
    // Without its own checks, one of them fails to fetch keys from an address that does not exist.
    expect(await letIn(byItself, [401, 500])).toEqual(seen[library].byItself)
    const complete = await startBackend(`compiled/${sample}.js`)
    await expectGood(complete)
    expect(await letIn(complete)).toEqual(seen[library].withSample)
  })

  it('hono/jwk without an option refuses all our tokens, because it requires typ JWT', async () => {
    const ask = await startBackend('bare/hono-jwk.mjs')
    expect((await ask(issuer.good)).status).toBe(401)
    expect(await letIn(ask)).toEqual(expect.arrayContaining(['typ JWT, as an ID token', 'no typ']))
  })

  it.each(['bare/express-oauth2-jwt-bearer-strict.mjs', 'bare/oauth4webapi.mjs'])(
    '%s refuses tokens without client_id, as they were before [RFC 9068 section 2.2]',
    async (file) => {
      const ask = await startBackend(file)
      await expectGood(ask)
      expect((await ask(issuer.withoutClientId)).status).toBe(401)
    },
  )

  it('with introspection, a backend with a wrong credential answers 503 and accepts no token', async () => {
    const wrong = { SALLYPORT_VERIFIER_SECRET: 'verifier-00fTq2LmZr7VbNc4KwHs8PdY' }
    const ask = await startBackend('compiled/express-oauth2-jwt-bearer.js', wrong)
    expect((await ask(issuer.good)).status).toBe(503)
  })
})

describe.each(['express', 'fastify'])('NestJS on %s with @sallyport/verify', (platform) => {
  it('accepts signed-in users by role, and refuses others as problem+json', async () => {
    const ask = await startBackend(`compiled/nest/${platform}.js`)
    await expectGood(ask)
    expect(await ask(issuer.good, '/reports')).toEqual({
      status: 403,
      type: 'application/problem+json',
      text: expect.stringContaining('"forbidden"'),
    })
    expect((await ask(issuer.finance, '/reports')).status).toBe(200)
    expect((await ask('', '/health')).status).toBe(200)
    expect(await ask(issuer.bad['an ended session'] ?? '')).toEqual({
      status: 401,
      type: 'application/problem+json',
      text: expect.stringContaining('"session_ended"'),
    })
    expect(await letIn(ask)).toEqual([])
  })
})
