import { once } from 'node:events'
import { createVerifier } from '@sallyport/verify'
import { requireAuth as forExpress, principalOf } from '@sallyport/verify/express'
import { requireAuth as forFastify } from '@sallyport/verify/fastify'
import { withAuth } from '@sallyport/verify/fetch'
import { requireAuth as forHono } from '@sallyport/verify/hono'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'

/** Returns the responses of an API of each kind to no token, to a valid token, and to the same token after signing out. */
export async function useVerify(authUrl) {
  const credential = process.env.SALLYPORT_VERIFIER_SECRET
  const verifier = createVerifier({ issuer: authUrl, audience: 'my-api', feed: { credential } })
  const { apis, close } = await guardedBy(verifier)
  const { accessToken, refreshToken } = await signUp(authUrl)
  const all = async (token) => {
    const headers = token ? { authorization: `Bearer ${token}` } : {}
    const answers = Object.entries(apis).map(async ([name, status]) => [name, await status(headers)])
    return Object.fromEntries(await Promise.all(answers))
  }
  const [nobody, signedIn] = [await all(), await all(accessToken)]
  await send(authUrl, '/api/auth/logout', { refreshToken })
  let signedOut = await all(accessToken)
  // The revocation has not arrived yet.
  while (Object.values(signedOut).some((status) => status === 200)) signedOut = await all(accessToken)
  await close()
  verifier.close()
  return { nobody, signedIn, signedOut }
}

async function guardedBy(verifier) {
  const expressApp = express().get('/', forExpress(verifier), (request, response) => {
    response.json({ for: principalOf(request).userId })
  })
  const listening = expressApp.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const fastifyApp = fastify()
  fastifyApp.get('/', { onRequest: forFastify(verifier) }, async () => ({}))
  const honoApp = new Hono().get('/', forHono(verifier), (context) => context.json({}))
  const plain = withAuth(verifier, () => new Response())
  const request = (headers) => new Request('http://localhost/', { headers })
  return {
    apis: {
      express: async (headers) =>
        (await fetch(`http://127.0.0.1:${listening.address().port}/`, { headers })).status,
      fastify: async (headers) => (await fastifyApp.inject({ url: '/', headers })).statusCode,
      hono: async (headers) => (await honoApp.request('/', { headers })).status,
      fetch: async (headers) => (await plain(request(headers))).status,
    },
    close: async () => {
      await fastifyApp.close()
      listening.closeAllConnections()
      listening.close()
    },
  }
}

async function signUp(authUrl) {
  const answer = await send(authUrl, '/api/auth/register', {
    email: `api-${process.version}@example.com`,
    password: 'open the second door',
    name: 'Ada Lovelace',
    transport: 'bearer',
  })
  return answer.json()
}

function send(authUrl, path, body) {
  return fetch(new URL(path, authUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}
