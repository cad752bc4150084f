import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { problem, problemMediaType } from '@sallyport/protocol'
import { createSallyport, type Dependencies, type Sallyport, type SallyportOptions } from './index.ts'

export type RunningServer = { url: string; sallyport: Sallyport; close(): Promise<void> }

/** Milliseconds that requests under way have to finish when the server stops. */
const drainMs = 5_000

/**
 * Runs the auth server on Node's own HTTP server.
 *
 * @throws TypeError when a setting is wrong, or the port is busy.
 */
export async function serve(
  options: SallyportOptions,
  dependencies: Dependencies = {},
): Promise<RunningServer> {
  const sallyport = await createSallyport(options, dependencies)
  const { host, port } = sallyport.config
  const listener = getRequestListener(
    (request, env) => {
      const { socket } = (env as HttpBindings).incoming
      return sallyport.fetch(request, { connection: { remoteAddress: socket.remoteAddress } })
    },
    { overrideGlobalObjects: false },
  )
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 30_000, maxHeaderSize: 16_384 },
    (incoming: IncomingMessage, outgoing: ServerResponse) => {
      void listener(incoming, outgoing)
    },
  )
  server.maxConnections = 10_000
  server.on('clientError', refuseMalformed)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new TypeError(`Port ${port} is busy. Stop what listens there, or set AUTH_PORT to another.`)
          : error,
      )
    })
    server.listen(port, host, resolve)
  }).catch(async (error: unknown) => {
    await sallyport.close()
    throw error
  })
  const address = server.address()
  const boundPort = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${host}:${boundPort}`,
    sallyport,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      const insist = setTimeout(() => server.closeAllConnections(), drainMs)
      // Ends the streams first: they would never finish by themselves.
      await sallyport.close()
      server.closeIdleConnections()
      await closed
      clearTimeout(insist)
    },
  }
}

/** What is no HTTP at all still gets an answer in our own form where it can be sent. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const body = JSON.stringify(problem(tooLarge ? 'header_fields_too_large' : 'invalid_request'))
  const status = tooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request'
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: ${problemMediaType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
