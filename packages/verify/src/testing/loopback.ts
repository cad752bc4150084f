import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'

/** A real server on a free local port. */
export type Loopback = {
  url: string
  /** Sets how the server answers from now on. */
  answer: RequestListener
  requests: IncomingMessage[]
  /** Closes every connection and stops listening. */
  stop(): Promise<void>
}

/** Starts a server that stops at the end of the test. */
export async function startLoopback(answer: RequestListener): Promise<Loopback> {
  const requests: IncomingMessage[] = []
  const server = createServer((req, res) => {
    requests.push(req)
    loopback.answer(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const loopback: Loopback = {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    answer,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  onTestFinished(() => loopback.stop())
  return loopback
}

/** Returns a function that answers every request with this JSON. */
export function sendJson(body: unknown, headers: Record<string, string> = {}): RequestListener {
  return (_req, res: ServerResponse) => {
    res.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }
}
