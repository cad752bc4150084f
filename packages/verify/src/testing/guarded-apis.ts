import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ServerType, serve } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import * as expressAdapter from '../adapters/express.ts'
import * as fastifyAdapter from '../adapters/fastify.ts'
import { withAuth } from '../adapters/fetch.ts'
import * as honoAdapter from '../adapters/hono.ts'
import type { Verifier } from '../index.ts'

/** Registers a function that cleans up at the end of the test. */
type Clean = (ending: () => void) => void

/** Starts an API in each framework that has an adapter, on its own port. The APIs answer `in` to accepted requests. */
export const guardedApis: Record<string, (verifier: Verifier, clean: Clean) => Promise<string>> = {
  async express(verifier, clean) {
    const app = express()
    app.get('/', expressAdapter.requireAuth(verifier), (_, res) => void res.end('in'))
    return listening(createServer(app).listen(0, '127.0.0.1'), clean)
  },
  async fastify(verifier, clean) {
    const app = fastify()
    app.get('/', { onRequest: fastifyAdapter.requireAuth(verifier) }, async () => 'in')
    await app.ready()
    return listening(app.server.listen(0, '127.0.0.1'), clean)
  },
  async hono(verifier, clean) {
    const app = new Hono()
    app.get('/', honoAdapter.requireAuth(verifier), (c) => c.text('in'))
    return listening(
      serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', overrideGlobalObjects: false }),
      clean,
    )
  },
  async fetch(verifier, clean) {
    const guarded = withAuth(verifier, () => new Response('in'))
    return listening(
      serve({ fetch: guarded, port: 0, hostname: '127.0.0.1', overrideGlobalObjects: false }),
      clean,
    )
  },
}

async function listening(server: Server | ServerType, clean: Clean): Promise<string> {
  clean(() => void server.close())
  if (!server.listening) await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
