import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type ErrorCode, problem, problemMediaType } from '@sallyport/protocol'
import { createSallyport, type Dependencies, type Sallyport, type SallyportOptions } from './index.ts'
import { nodeListener } from './node-listener.ts'

export { nodeListener } from './node-listener.ts'

/** An auth server that listens. */
export type RunningServer = {
  /** Where it listens, such as `http://127.0.0.1:4000`. */
  url: string
  /** The auth server itself. */
  sallyport: Sallyport
  /** Stops accepting, ends the streams, lets requests under way finish within a bound, closes the database. */
  close(): Promise<void>
}

/** Milliseconds that requests under way have to finish when the server stops. */
const drainMs = 5_000

/** Bounds on what a slow or hostile client can hold (D05). Milliseconds; bytes for the headers. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 30_000,
  maxHeaderSize: 16_384,
  // Node's own answer to a request without Host is no problem+json; the adapter refuses it in our form.
  requireHostHeader: false,
}

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
    // In the midst of an answer, a second one would be read as part of it.
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
      const sentence = error.code === undefined ? undefined : mendable[error.code]
      reject(sentence === undefined ? error : new TypeError(sentence(host, port)))
    })
    server.listen(port, host, resolve)
  })
}

/** What an operator can mend, in a sentence. */
const mendable: Record<string, (host: string, port: number) => string> = {
  EADDRINUSE: (_, port) => `Port ${port} is busy. Stop what listens there, or set AUTH_PORT to another.`,
  EACCES: (_, port) =>
    `Port ${port} needs rights that this process has not. Set AUTH_PORT to one above 1023.`,
  EADDRNOTAVAIL: (host) => `The address ${host} is none of this machine. Set HOST to one that is.`,
  ENOTFOUND: (host) => `The address ${host} cannot be found. Set HOST to an address of this machine.`,
}

/** What is no HTTP at all still gets an answer in our own form where it can be sent. */
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
