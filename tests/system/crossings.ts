import {
  Agent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { Bell } from './bell.ts'

/**
 * What happens to one request: `hold` delays the response until the test releases it. `loseRequest` and `loseAnswer` cut the connection.
 */
export type Fate = 'deliver' | 'hold' | 'loseRequest' | 'loseAnswer'

/** One request through a hop, and its response. */
export type Crossing = {
  method: string
  path: string
  target: string
  headers: IncomingHttpHeaders
  /** `arrived` until the target has responded, `answered` while the response is held, then `over`. */
  state: 'arrived' | 'answered' | 'over'
  /** The status and headers of the response. Null as long as there is no response. */
  answer: { status: number; headers: IncomingHttpHeaders } | null
  /** Releases a held response. */
  deliver(): void
}

export type Crossings = {
  /** All requests, in order of arrival. */
  all: Crossing[]
  /** Decides what happens to a request when it arrives. By default, it returns `deliver`. */
  fate: (crossing: Crossing) => Fate
  handle(incoming: IncomingMessage, outgoing: ServerResponse): void
}

/**
 * A hop that can hold each request, lose it, or lose its response. The bell rings at each change of a request. A request that arrived is
 * processed to its end even if the client has disconnected, so a test can wait until nothing is pending.
 */
export function createCrossings(
  bell: Bell,
  targetOf: (crossing: { method: string; path: string; authority: string }) => string,
  extraHeaders: (incoming: { authority: string }) => Record<string, string> = () => ({}),
): Crossings {
  const agent = new Agent({ keepAlive: false })
  const crossings: Crossings = {
    all: [],
    fate: () => 'deliver',
    handle(incoming, outgoing) {
      const method = incoming.method ?? 'GET'
      const path = incoming.url ?? '/'
      const gate = Promise.withResolvers<void>()
      const crossing: Crossing = {
        method,
        path,
        target: targetOf({ method, path, authority: authorityOf(incoming) }),
        headers: incoming.headers,
        state: 'arrived',
        answer: null,
        deliver: gate.resolve,
      }
      crossings.all.push(crossing)
      let isGone = false
      outgoing.on('close', () => {
        isGone = true
      })
      const fate = crossings.fate(crossing)
      const over = () => {
        crossing.state = 'over'
        bell.ring()
      }
      bell.ring()
      if (fate === 'loseRequest') {
        outgoing.destroy()
        return over()
      }
      const upstream = httpRequest(new URL(path, crossing.target), {
        agent,
        method,
        headers: { ...onwardHeaders(incoming), ...extraHeaders({ authority: authorityOf(incoming) }) },
      })
      upstream.on('error', () => {
        outgoing.destroy()
        over()
      })
      upstream.on('response', async (answer) => {
        answer.on('error', () => outgoing.destroy()).on('close', () => fate === 'deliver' && over())
        crossing.answer = { status: answer.statusCode ?? 502, headers: answer.headers }
        bell.ring()
        if (fate === 'deliver') {
          if (!isGone) outgoing.writeHead(crossing.answer.status, answerHeaders(answer))
          // The response is not piped, because it must be read to its end even if the client has disconnected.
          answer
            .on('data', (chunk) => isGone || outgoing.write(chunk))
            .on('end', () => isGone || outgoing.end())
          return
        }
        const chunks: Buffer[] = []
        for await (const chunk of answer) chunks.push(chunk)
        crossing.state = 'answered'
        bell.ring()
        if (fate === 'hold') {
          await gate.promise
          if (!isGone) {
            outgoing.writeHead(crossing.answer.status, answerHeaders(answer))
            outgoing.end(Buffer.concat(chunks))
          }
        } else outgoing.destroy()
        over()
      })
      incoming.pipe(upstream)
    },
  }
  return crossings
}

const authorityOf = ({ headers }: IncomingMessage) => String(headers[':authority'] ?? headers.host ?? '')

function onwardHeaders(incoming: IncomingMessage): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { host: authorityOf(incoming) }
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined && !name.startsWith(':') && name !== 'connection') headers[name] = value
  return headers
}

/** Returns the headers of a response without those that belong to a single connection. HTTP/2 forbids such headers. */
function answerHeaders({ headers }: IncomingMessage): Record<string, string | string[]> {
  const { connection, 'keep-alive': keepAlive, 'transfer-encoding': encoding, upgrade, ...rest } = headers
  return rest as Record<string, string | string[]>
}
