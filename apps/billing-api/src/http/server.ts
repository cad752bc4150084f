import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { BillingError, type ErrorCode } from '../billing-error.ts'
import { problem } from './problem.ts'

/** The limits of one connection. */
const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // Longer than in the proxies before this server, so that the proxies close idle connections first.
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
} as const
const maxConnections = 4_000
/** An export ends if its client reads nothing for this long. */
const idleMs = 60_000

/** Creates an HTTP server with limits. Invalid HTTP gets an error in the same shape as all others. */
export function createHttpServer(handle: RequestListener): Server {
  const answering = new WeakSet<Duplex>()
  const server = createServer(limits, (req, res) => {
    answering.add(req.socket)
    res.once('close', () => answering.delete(req.socket))
    handle(req, res)
  })
  server.maxConnections = maxConnections
  server.setTimeout(idleMs)
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // Within another response on this connection, this one would be read as a part of it.
    if (!socket.writable || answering.has(socket)) {
      socket.destroy()
      return
    }
    socket.end(rawAnswer(codeOf(error.code)))
  })
  return server
}

function codeOf(cause: string | undefined): ErrorCode {
  if (cause === 'HPE_HEADER_OVERFLOW') return 'header_fields_too_large'
  if (cause === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request_timeout'
  return 'invalid_request'
}

function rawAnswer(code: ErrorCode): string {
  const error = new BillingError(code)
  const body = JSON.stringify(problem(error))
  const lines = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: private, no-store',
    'connection: close',
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
