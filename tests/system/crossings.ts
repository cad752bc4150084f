import {
  Agent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { Bell } from './bell.ts'

/** What becomes of one request: `hold` keeps its answer until the test lets it go on; the two others cut the connection. */
export type Fate = 'deliver' | 'hold' | 'loseRequest' | 'loseAnswer'

/** One request on its way through a hop, and its answer on the way back. */
export type Crossing = {
  method: string
  path: string
  target: string
  headers: IncomingHttpHeaders
  /** `arrived` until the far side has answered, `answered` while that answer is held here, then `over`. */
  state: 'arrived' | 'answered' | 'over'
  /** Of the far side; null until it has answered, and for ever if it never does. */
  answer: { status: number; headers: IncomingHttpHeaders } | null
  /** Lets a held answer go on. */
  deliver(): void
}

export type Crossings = {
  /** All of them, in the order of their arrival. */
  all: Crossing[]
  /** Decides what becomes of a request when it arrives; `deliver` for all unless a test says otherwise. */
  fate: (crossing: Crossing) => Fate
  handle(incoming: IncomingMessage, outgoing: ServerResponse): void
}

/**
 * The inside of a hop whose every request can be held, lost before it arrives or lost after it has been dealt with. The bell
 * rings whenever one has come a step further. What has arrived is carried to its end even when the asker has gone: a test can
 * wait until nothing is under way.
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
          // Not a pipe: the asker may leave half-way, and the rest is read all the same.
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

/** What belongs to one connection alone stays there; HTTP/2 forbids it. */
function answerHeaders({ headers }: IncomingMessage): Record<string, string | string[]> {
  const { connection, 'keep-alive': keepAlive, 'transfer-encoding': encoding, upgrade, ...rest } = headers
  return rest as Record<string, string | string[]>
}
