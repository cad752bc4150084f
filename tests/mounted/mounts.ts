import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve as serveHono } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import type { Sallyport } from '../../packages/server/src/index.ts'
import { nodeListener } from '../../packages/server/src/node.ts'

/** A customer's server that contains our auth server. The customer's server handles `/own` itself. */
export type Mounted = { url: string; close(): Promise<void> }

/** The paths of the auth server in the other server. */
const prefixes = ['/api/auth', '/api/user', '/.well-known']

export const mounts: Record<string, (sallyport: Sallyport, port: number) => Promise<Mounted>> = {
  async Express(sallyport, port) {
    const app = express()
    app.use(prefixes, nodeListener(sallyport)) // before express.json(), which would consume the body
    app.use(express.json())
    app.get('/own', (_, response) => void response.json({ mine: true }))
    app.post('/own', (request, response) => void response.json(request.body))
    return listening(createServer(app), port)
  },

  async Fastify(sallyport, port) {
    const app = fastify()
    const listener = nodeListener(sallyport)
    await app.register(async (own) => {
      own.removeAllContentTypeParsers() // our listener reads the body itself
      own.addContentTypeParser('*', (_request, _payload, done) => done(null))
      for (const prefix of prefixes)
        own.all(`${prefix}/*`, (request, reply) => {
          reply.hijack()
          return listener(request.raw, reply.raw)
        })
    })
    app.get('/own', async () => ({ mine: true }))
    app.post('/own', async (request) => request.body)
    const url = await app.listen({ host: '127.0.0.1', port })
    return { url, close: () => app.close() }
  },

  async Hono(sallyport, port) {
    const app = new Hono<{ Bindings: { incoming: { socket: { remoteAddress?: string } } } }>()
    for (const prefix of prefixes)
      app.all(`${prefix}/*`, ({ req, env }) => {
        const { remoteAddress } = env.incoming.socket
        return sallyport.fetch(req.raw, { connection: { remoteAddress } })
      })
    app.get('/own', (context) => context.json({ mine: true }))
    app.post('/own', async (context) => context.json(await context.req.json()))
    return listening(serveHono({ fetch: app.fetch, port, hostname: '127.0.0.1' }) as Server, port, true)
  },

  async 'Node’s own server'(sallyport, port) {
    const listener = nodeListener(sallyport)
    const server = createServer((incoming, outgoing) => {
      if (prefixes.some((prefix) => incoming.url?.startsWith(`${prefix}/`)))
        return void listener(incoming, outgoing)
      outgoing.setHeader('content-type', 'application/json')
      if (incoming.method === 'POST') incoming.pipe(outgoing)
      else outgoing.end('{"mine":true}')
    })
    return listening(server, port)
  },
}

async function listening(server: Server, port: number, isUnderWay = false): Promise<Mounted> {
  await new Promise<void>((resolve) => {
    server.once('listening', resolve)
    if (!isUnderWay) server.listen(port, '127.0.0.1')
    else if (server.listening) resolve()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
