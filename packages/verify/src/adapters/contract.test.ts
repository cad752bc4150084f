import { request as nodeRequest, type OutgoingHttpHeaders } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { type ServerType, serve } from '@hono/node-server'
import type { Problem } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import express from 'express'
import fastify, { type FastifyRequest } from 'fastify'
import { type Context, Hono } from 'hono'
import { describe, expect, onTestFinished, test } from 'vitest'
import { RevocationSet } from '../revocation-set.ts'
import {
  audience,
  createSigningKey,
  issuer,
  issueToken,
  type Json,
  now,
  nowSeconds,
} from '../testing/issuer.ts'
import { countingKeySet, verifierOf } from '../testing/verifier.ts'
import { createVerifier, type Verifier } from '../verifier.ts'
import * as expressAdapter from './express.ts'
import * as fastifyAdapter from './fastify.ts'
import { withAuth } from './fetch.ts'
import * as honoAdapter from './hono.ts'

const stepUp = { role: 'owner', acr: 'aal2', maxAgeSeconds: 600 } as const

type Started = { port: number; stop(): Promise<unknown> }

/**
 * Each function starts the same small API in its framework: `/any`, `/reports` for owner and finance, `/write`, which needs a permission, and
 * `/payouts`, which needs two factors in the last ten minutes.
 */
const frameworks: Record<string, (verifier: Verifier) => Promise<Started>> = {
  async express(verifier) {
    const { requireAuth, principalOf } = expressAdapter
    const app = express()
    app.use((req, res, next) => {
      res.setHeader('x-request-id', req.headers['x-two'] ? ['request-1', 'request-2'] : 'request-1')
      next()
    })
    app.get('/any', requireAuth(verifier), (req, res) => void res.json(principalOf(req)))
    app.post('/any', requireAuth(verifier), (req, res) => void res.json(principalOf(req)))
    app.get(
      '/reports',
      requireAuth(verifier, { role: ['owner', 'finance'] }),
      (req, res) => void res.json(req.principal),
    )
    app.get(
      '/write',
      requireAuth(verifier, { permission: 'invoice:write' }),
      (req, res) => void res.json(req.principal),
    )
    app.get('/payouts', requireAuth(verifier, stepUp), (req, res) => void res.json(req.principal))
    app.use(
      ((error, _req, res, _next) =>
        void res.status(500).end(`handled ${error.code}`)) satisfies express.ErrorRequestHandler,
    )
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    return { port: (server.address() as AddressInfo).port, stop: () => stop(server) }
  },

  async fastify(verifier) {
    const { requireAuth, principalOf } = fastifyAdapter
    const app = fastify()
    app.addHook('onRequest', async (request, reply) => {
      const ids = ['request-1', 'request-2']
      reply.header('x-request-id', request.headers['x-two'] ? ids : 'request-1')
    })
    app.get('/any', { onRequest: requireAuth(verifier) }, async (request) => principalOf(request))
    app.post('/any', { onRequest: requireAuth(verifier) }, async (request) => principalOf(request))
    app.get(
      '/reports',
      { onRequest: requireAuth(verifier, { role: ['owner', 'finance'] }) },
      async (request) => request.principal,
    )
    app.get(
      '/write',
      { preHandler: requireAuth(verifier, { permission: 'invoice:write' }) },
      async (request) => request.principal,
    )
    app.get('/payouts', { onRequest: requireAuth(verifier, stepUp) }, async (request) => request.principal)
    app.setErrorHandler<Error & { code: string }>(
      (error, _request, reply) => void reply.code(500).send(`handled ${error.code}`),
    )
    await app.listen({ port: 0, host: '127.0.0.1' })
    return { port: (app.server.address() as AddressInfo).port, stop: () => app.close() }
  },

  async hono(verifier) {
    const { requireAuth, principalOf } = honoAdapter
    const app = new Hono()
    app.use(async (c, next) => {
      c.header('x-request-id', 'request-1')
      await next()
    })
    app.on(['GET', 'POST'], '/any', requireAuth(verifier), (c) => c.json(principalOf(c)))
    app.get('/reports', requireAuth(verifier, { role: ['owner', 'finance'] }), (c) =>
      c.json(c.get('principal')),
    )
    app.get('/write', requireAuth(verifier, { permission: 'invoice:write' }), (c) =>
      c.json(c.get('principal')),
    )
    app.get('/payouts', requireAuth(verifier, stepUp), (c) => c.json(c.get('principal')))
    app.onError((error, c) => c.text(`handled ${(error as Error & { code?: string }).code}`, 500))
    return serveFetch(app.fetch)
  },

  async fetch(verifier) {
    const any = withAuth(verifier, (_request, principal) => Response.json(principal))
    const reports = withAuth(verifier, { role: ['owner', 'finance'] }, (_request, principal) =>
      Response.json(principal),
    )
    const write = withAuth(verifier, { permission: 'invoice:write' }, (_request, principal) =>
      Response.json(principal),
    )
    const routes: Record<string, (request: Request) => Promise<Response>> = {
      '/any': any,
      '/reports': reports,
      '/write': write,
      '/payouts': withAuth(verifier, stepUp, (_request, principal) => Response.json(principal)),
    }
    return serveFetch(async (request) => {
      try {
        return (await routes[new URL(request.url).pathname]?.(request)) ?? new Response(null, { status: 404 })
      } catch (error) {
        return new Response(`handled ${(error as Error & { code?: string }).code}`, { status: 500 })
      }
    })
  },
}

async function serveFetch(fetch: (request: Request) => Response | Promise<Response>): Promise<Started> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const server = serve({ fetch, port: 0, hostname: '127.0.0.1', overrideGlobalObjects: false }, ({ port }) =>
    resolve(port),
  )
  return { port: await promise, stop: () => stop(server) }
}

function stop(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    if ('closeAllConnections' in server) server.closeAllConnections()
  })
}

type Answer = { status: number; headers: Record<string, unknown>; body: Problem & Record<string, unknown> }

const key = createSigningKey('key-1')
const token = issueToken(key)
const owner = issueToken(key, { roles: ['owner'], permissions: ['invoice:write'] })

describe.each(Object.entries(frameworks))('%s', (name, start) => {
  async function startApi(
    verifier: Verifier,
  ): Promise<
    (path: string, headers?: OutgoingHttpHeaders | readonly string[], method?: string) => Promise<Answer>
  > {
    const { port, stop } = await start(verifier)
    onTestFinished(async () => void (await stop()))
    return (path, headers = {}, method = 'GET') =>
      new Promise((resolve, reject) => {
        nodeRequest({ host: '127.0.0.1', port, path, headers, method }, (response) => {
          response.setEncoding('utf8')
          let text = ''
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parse(text) }),
          )
        })
          .on('error', reject)
          .end()
      })
  }

  function parse(text: string): Answer['body'] {
    try {
      return JSON.parse(text)
    } catch {
      return { type: '', title: text, status: 0, code: '' }
    }
  }

  function expectProblem(
    { status, headers, body }: Answer,
    expected: { status: number; code: string; challenge: string | undefined },
  ): void {
    expect(body).toMatchObject({
      status: expected.status,
      code: expected.code,
      type: `urn:sallyport:error:${expected.code}`,
    })
    expect(status).toBe(expected.status)
    expect(headers['content-type']).toBe('application/problem+json')
    expect(headers['cache-control']).toBe('private, no-store')
    expect(headers['www-authenticate']).toBe(expected.challenge)
    if (name !== 'fetch') expect(body.requestId).toBe('request-1')
  }

  const invalid = 'Bearer error="invalid_token"'

  test('answers 401 without a token', async () => {
    const get = await startApi(verifierOf(countingKeySet(key)))
    expectProblem(await get('/any'), { status: 401, code: 'token_missing', challenge: 'Bearer' })
    expectProblem(await get(`/any?access_token=${token}`), {
      status: 401,
      code: 'token_missing',
      challenge: 'Bearer',
    })
  })

  test('answers the same 401 to every invalid token', async () => {
    const get = await startApi(verifierOf(countingKeySet(key)))
    for (const bad of [
      'garbage',
      `${token}A`,
      issueToken(key, { aud: 'other' }),
      issueToken(createSigningKey('key-1')),
    ])
      expectProblem(await get('/any', { authorization: `Bearer ${bad}` }), {
        status: 401,
        code: 'token_invalid',
        challenge: invalid,
      })
  })

  test('answers 401 with different codes to an expired token, a stale token and an ended session', async () => {
    const revocations = new RevocationSet(() => now)
    const get = await startApi(verifierOf(countingKeySet(key), { revocations }))
    const expired = issueToken(key, { iat: now / 1000 - 700, exp: now / 1000 - 100 })
    expectProblem(await get('/any', { authorization: `Bearer ${expired}` }), {
      status: 401,
      code: 'token_expired',
      challenge: invalid,
    })
    expect((await get('/any', { authorization: `Bearer ${token}` })).status).toBe(200)
    revocations.add({ sub: 'user-1', minVersion: 4, until: now + 1 })
    expectProblem(await get('/any', { authorization: `Bearer ${token}` }), {
      status: 401,
      code: 'token_stale',
      challenge: invalid,
    })
    revocations.add({ sid: 'session-1', until: now + 1 })
    expectProblem(await get('/any', { authorization: `Bearer ${token}` }), {
      status: 401,
      code: 'session_ended',
      challenge: invalid,
    })
  })

  test('answers 403 without the role or permission', async () => {
    const get = await startApi(verifierOf(countingKeySet(key)))
    for (const path of ['/reports', '/write'])
      expectProblem(await get(path, { authorization: `Bearer ${token}` }), {
        status: 403,
        code: 'forbidden',
        challenge: 'Bearer error="insufficient_scope"',
      })
    expectProblem(await get('/reports'), { status: 401, code: 'token_missing', challenge: 'Bearer' })
  })

  test('asks for two factors and a recent authentication, after the role [RFC 9470 section 3]', async () => {
    const get = await startApi(verifierOf(countingKeySet(key)))
    const code = 'insufficient_user_authentication'
    const refused = {
      status: 401,
      code,
      challenge: `Bearer error="${code}", acr_values="aal2", max_age="600"`,
    }
    const answerTo = (claims: Json) =>
      get('/payouts', { authorization: `Bearer ${issueToken(key, { roles: ['owner'], ...claims })}` })
    const answer = await answerTo({})
    expectProblem(answer, refused)
    expect(answer.body).toMatchObject({ acr: 'aal2', maxAgeSeconds: 600 })
    expectProblem(await answerTo({ acr: undefined }), refused)
    expectProblem(await answerTo({ acr: 'aal2', auth_time: nowSeconds - 601 }), refused)
    expect((await answerTo({ acr: 'aal2', auth_time: nowSeconds - 600 })).status).toBe(200)
    expect((await answerTo({ acr: 'aal2', roles: ['member'] })).status).toBe(403)
  })

  test('answers 200 with the principal for the right role or permission, by header or cookie', async () => {
    const get = await startApi(verifierOf(countingKeySet(key)))
    for (const path of ['/any', '/reports', '/write']) {
      for (const headers of [{ authorization: `bearer ${owner}` }, { cookie: `a=b; accessToken=${owner}` }]) {
        const { status, body } = await get(path, headers)
        expect(status).toBe(200)
        expect(body).toMatchObject({ userId: 'user-1', sessionId: 'session-1', roles: ['owner'] })
      }
    }
  })

  test('answers 401 to two credentials [J29]', async () => {
    const get = await startApi(verifierOf(countingKeySet(key)))
    const conflicts: (OutgoingHttpHeaders | readonly string[])[] = [
      { authorization: `Bearer ${token}`, cookie: `accessToken=${token}` },
      { cookie: `accessToken=${token}; __Host-accessToken=${token}` },
      ['Host', 'localhost', 'Authorization', `Bearer ${token}`, 'Authorization', `Bearer ${owner}`],
      ['Host', 'localhost', 'Cookie', `accessToken=${token}`, 'Cookie', `accessToken=${owner}`],
    ]
    for (const headers of conflicts)
      expectProblem(await get('/any', headers), {
        status: 401,
        code: 'credential_conflict',
        challenge: invalid,
      })
  })

  test('clears duplicate cookies on the path of the API, where pages do not see them [CK-06]', async () => {
    const get = await startApi(verifierOf(countingKeySet(key)))
    const cookie = `__Secure-accessToken=${token}; theme=dark; __Secure-accessToken=planted`
    const { status, headers } = await get('/any?a=1', { cookie, host: 'api.example.com:8443' })
    expect(status).toBe(401)
    for (const path of ['/', '/any'])
      for (const domain of ['', '; Domain=api.example.com', '; Domain=example.com'])
        expect(headers['set-cookie']).toContain(
          `__Secure-accessToken=; Path=${path}; Max-Age=0${domain}; Secure`,
        )
    expect(String(headers['set-cookie'])).not.toMatch(/theme|refreshToken/)
    const single = await get('/any', { cookie: '__Secure-accessToken=planted', host: 'api.example.com' })
    expect([single.status, single.headers['set-cookie']]).toEqual([401, undefined])
    const odd = await get('/any', { cookie, host: 'api.example.com; Domain=evil.test' }).catch(() => null)
    expect(String(odd?.headers['set-cookie'])).not.toContain('evil')
  })

  test('answers 403 to a change with a cookie from a foreign page', async () => {
    const get = await startApi(verifierOf(countingKeySet(key), { origins: ['http://localhost:3000'] }))
    const cookie = `accessToken=${token}`
    for (const headers of [
      { cookie },
      { cookie, origin: 'null' },
      { cookie, origin: 'http://sibling.localhost:3000' },
    ])
      expectProblem(await get('/any', headers, 'POST'), {
        status: 403,
        code: 'origin_refused',
        challenge: undefined,
      })
    expect((await get('/any', { cookie, origin: 'http://localhost:3000' }, 'POST')).status).toBe(200)
    expect((await get('/any', { authorization: `Bearer ${token}` }, 'POST')).status).toBe(200)
  })

  test('omits a request id that is not text from the response', async () => {
    const get = await startApi(verifierOf(countingKeySet(key)))
    const { status, body } = await get('/any', { 'x-two': '1' })
    expect([status, body.code]).toEqual([401, 'token_missing'])
    if (name === 'express' || name === 'fastify') expect(body).not.toHaveProperty('requestId')
  })

  test('answers 503 with Retry-After if the token cannot be checked', async () => {
    const verifier = createVerifier({
      issuer,
      audience,
      clock: () => now,
      jwksUrl: `http://127.0.0.1:${await closedPort()}${paths.jwks}`,
    })
    const get = await startApi(verifier)
    const answer = await get('/any', { authorization: `Bearer ${token}` })
    expectProblem(answer, { status: 503, code: 'unavailable', challenge: undefined })
    expect(answer.headers['retry-after']).toBe('1')
  })

  test('passes any other error to the error handler of the app, not to the caller', async () => {
    const broken = {
      ...verifierOf(countingKeySet(key)),
      authenticate: () => Promise.reject(Object.assign(new Error('secret detail'), { code: 'ODD' })),
    }
    const get = await startApi(broken)
    const { status, body } = await get('/any', { authorization: `Bearer ${token}` })
    expect([status, body.title]).toEqual([500, 'handled ODD'])
  })
})

/** Returns a port at which no server listens. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('principalOf without a guard throws a TypeError', () => {
  expect(() => expressAdapter.principalOf({} as express.Request)).toThrow(/requireAuth/)
  expect(() => fastifyAdapter.principalOf({} as FastifyRequest)).toThrow(/requireAuth/)
  const context = { get: () => undefined } as unknown as Context
  expect(() => honoAdapter.principalOf(context)).toThrow(/requireAuth/)
})

describe('an empty or misspelt requirement', () => {
  const verifier = verifierOf(countingKeySet(key))
  const wrong = [
    { roles: 'owner' },
    { role: '' },
    { role: [] },
    { role: undefined },
    { permission: [''] },
    { role: [1] },
    // This is what a misspelt name such as rules.reportz passes.
    undefined,
    null,
    ['owner'],
    'owner',
  ]
  test.each(wrong)('%j is a TypeError at construction', (requirement) => {
    const asRequirement = requirement as { role: string }
    const refuse = () => new Response()
    expect(() => expressAdapter.requireAuth(verifier, asRequirement)).toThrow(TypeError)
    expect(() => fastifyAdapter.requireAuth(verifier, asRequirement)).toThrow(TypeError)
    expect(() => honoAdapter.requireAuth(verifier, asRequirement)).toThrow(TypeError)
    expect(() => withAuth(verifier, asRequirement, refuse)).toThrow(TypeError)
  })
})
