import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type ErrorCode, problem, problemMediaType } from '@sallyport/protocol'
import { createSallyport, type HostOptions, type Sallyport, type SallyportOptions } from './index.ts'
import { nodeListener } from './node-listener.ts'

export { nodeListener } from './node-listener.ts'

/** An auth server that is listening. */
export type RunningServer = {
  /** The address at which the server listens, such as `http://127.0.0.1:4000`. */
  url: string
  /** The auth server itself. */
  sallyport: Sallyport
  /**
   * Stops the server. It accepts no more connections and ends the streams. Open requests have 5 seconds to finish. Then the database is
   * closed.
   */
  close(): Promise<void>
}

/** Milliseconds that open requests have to finish when the server stops. */
const drainMs = 5_000

/** Limits for slow or hostile clients. `maxHeaderSize` is in bytes, and all times are in milliseconds. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 30_000,
  maxHeaderSize: 16_384,
  // If `Host` is missing, Node would send its own response, which is not problem+json. So Node does not check this header. The adapter
  // checks it, and refuses the request with problem+json.
  requireHostHeader: false,
}

/**
 * Runs the auth server on Node's own HTTP server.
 *
 * @throws TypeError when `createSallyport` throws one, or when the server cannot listen at this host and port.
 */
export async function serve(
  options: SallyportOptions,
  hostOptions: HostOptions = {},
): Promise<RunningServer> {
  const sallyport = await createSallyport(options, hostOptions)
  const { host, port } = sallyport.config
  const listener = nodeListener(sallyport)
  let stopping = false
  const answering = new WeakSet<Socket>()
  const server = createServer(limits, (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { socket } = incoming
    answering.add(socket)
    outgoing.once('close', () => {
      answering.delete(socket)
      if (stopping) server.closeIdleConnections()
    })
    void listener(incoming, outgoing)
  })
  server.maxConnections = 10_000
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // If a response has begun on this socket, the client would read a second response as part of the first.
    if (answering.has(socket)) socket.destroy()
    else refuseMalformed(error, socket)
  })
  try {
    await listen(server, host, port)
  } catch (error) {
    await sallyport.close()
    throw error
  }
  const address = server.address()
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${typeof address === 'object' && address !== null ? address.port : port}`
  sallyport.log.info(`Sallyport listens on ${url}`)
  let closing: Promise<void> | undefined
  return {
    url,
    sallyport,
    close() {
      closing ??= (async () => {
        stopping = true
        const closed = new Promise((resolve) => server.close(resolve))
        const insist = setTimeout(() => server.closeAllConnections(), drainMs)
        sallyport.endStreams()
        server.closeIdleConnections()
        await closed
        clearTimeout(insist)
        await sallyport.close()
      })()
      return closing
    },
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const message = error.code === undefined ? undefined : listenErrors[error.code]
      reject(message === undefined ? error : new TypeError(message(host, port)))
    })
    server.listen(port, host, resolve)
  })
}

/** Messages for the errors of `listen` that an operator can fix. */
const listenErrors: Record<string, (host: string, port: number) => string> = {
  EADDRINUSE: (_, port) =>
    `Port ${port} is busy. Stop the process that listens there, or set AUTH_PORT to another port.`,
  EACCES: (_, port) =>
    `Port ${port} needs privileges that this process does not have. Set AUTH_PORT to a port above 1023.`,
  EADDRNOTAVAIL: (host) =>
    `The address ${host} does not belong to this machine. Set HOST to one of its addresses.`,
  ENOTFOUND: (host) => `The address ${host} cannot be found. Set HOST to an address of this machine.`,
}

/** Answers a request that is not valid HTTP with problem+json, if the socket can still be written. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const code: ErrorCode = error.code === 'HPE_HEADER_OVERFLOW' ? 'header_fields_too_large' : 'invalid_request'
  const body = JSON.stringify(problem(code))
  const status = code === 'invalid_request' ? '400 Bad Request' : '431 Request Header Fields Too Large'
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: ${problemMediaType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nCache-Control: private, no-store\r\nConnection: close\r\n\r\n${body}`,
  )
}
