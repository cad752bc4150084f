import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { BillingError, type ErrorCode } from '../billing-error.ts'
import { problem } from './problem.ts'

/** The limits of one connection. */
const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // This is longer than the keep-alive time-out of the proxies in front of this server, so that the proxies close idle connections first.
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
} as const
const maxConnections = 4_000
/** If there is no traffic on a connection for this long (ms), it is closed. So an export ends if its client stops reading. */
const idleMs = 60_000

/** Creates an HTTP server with limits. If a request is not valid HTTP, the error has the same form as all other errors. */
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
    // If another response is being sent on this connection, the client would read the error response as a part of it. So the connection is
    // closed.
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
