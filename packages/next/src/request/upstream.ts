import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
} from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { ApiTimeouts } from '../config/api-target.ts'
import { createDeadline, type Deadline } from './deadline.ts'
import type { RequestBody } from './request-body.ts'

/**
 * The time, in milliseconds, after which an unused connection is closed. Most servers keep an unused connection open for longer. So a
 * request rarely uses a connection that the server is just closing.
 */
const idleMs = 4000
const options = { keepAlive: true, timeout: idleMs }
const agents = { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) }

/** The interval of TCP keep-alive, in milliseconds. */
const keepAliveProbeMs = 30_000

export type Outgoing = {
  method: string
  target: URL
  headers: Record<string, string>
  body: RequestBody | null
  timeouts: ApiTimeouts
  /** This signal is aborted when the browser disconnects. */
  signal: AbortSignal
}

/**
 * The answer of the API. `isSent` returns whether the request was sent completely. If no data arrives after that, the API is the cause.
 */
export type Answer = { message: IncomingMessage; isSent: () => boolean }

/**
 * Why there is no answer. `unreached`: nothing was sent. `broken`: the connection ended, and the API may have executed the request. `late`:
 * the API sent nothing for too long. `cut`: the body from the browser ended too early, or does not have the length of its `Content-Length`.
 */
export type Failure = 'unreached' | 'broken' | 'late' | 'cut'

/** Sends a request once. If the connection was just being closed, a GET or HEAD without a body is sent once more on a new connection. */
export async function askUpstream(outgoing: Outgoing): Promise<Answer | Failure> {
  const first = await sendOnce(outgoing)
  const isRepeatable = outgoing.body === null && (outgoing.method === 'GET' || outgoing.method === 'HEAD')
  if (first !== 'closed') return first
  if (!isRepeatable || outgoing.signal.aborted) return 'broken'
  const second = await sendOnce(outgoing, { isFresh: true })
  return second === 'closed' ? 'broken' : second
}

function sendOnce(
  { method, target, headers, body, timeouts, signal }: Outgoing,
  { isFresh = false } = {},
): Promise<Answer | Failure | 'closed'> {
  const { promise, resolve } = Promise.withResolvers<Answer | Failure | 'closed'>()
  const isSecure = target.protocol === 'https:'
  const request = (isSecure ? requestHttps : requestHttp)(target, {
    method,
    headers: isFresh ? { ...headers, connection: 'close' } : headers,
    agent: isFresh ? false : agents[isSecure ? 'https:' : 'http:'],
    // Next would drop longer headers.
    maxHeaderSize: 64 * 1024,
  })
  let state: 'connecting' | 'connected' | 'answered' = 'connecting'
  let isSent = false
  const deadline = createDeadline(() => {
    resolve(state === 'connecting' ? 'unreached' : 'late')
    request.destroy()
  })
  deadline.start(timeouts.connectMs)

  const abort = () => request.destroy()
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  request.once('close', () => {
    signal.removeEventListener('abort', abort)
    deadline.stop()
    resolve('broken')
  })
  request.on('error', () => {
    // If the answer has begun, this has no effect, because the promise is already settled. The body of the answer then reports the error.
    if (state === 'connecting') resolve('unreached')
    else resolve(request.reusedSocket ? 'closed' : 'broken')
  })
  request.on('information', () => deadline.start(timeouts.answerMs))
  request.once('response', (message) => {
    state = 'answered'
    deadline.stop()
    // If the API has answered completely before it has read the whole body, the rest of the body is not sent.
    message.once('end', () => {
      if (!isSent) request.destroy()
    })
    resolve({ message, isSent: () => isSent })
  })

  const send = () => {
    if (state !== 'connecting') return
    state = 'connected'
    deadline.start(timeouts.answerMs)
    if (body === null) {
      isSent = true
      return void request.end()
    }
    const running = () => {
      if (state === 'connected') deadline.start(timeouts.answerMs)
    }
    sendBody(request, body, { ...deadline, start: running }).then(
      () => {
        isSent = true
        running()
      },
      () => {
        if (!request.destroyed) resolve('cut')
        request.destroy()
      },
    )
  }
  request.once('socket', (socket) => {
    socket.setKeepAlive(true, keepAliveProbeMs)
    if (socket.connecting) socket.once(isSecure ? 'secureConnect' : 'connect', send)
    else send()
  })
  return promise
}

/** Sends the body. The deadline runs while the API does not read data, but it does not run while the browser sends no data. */
async function sendBody(
  request: ClientRequest,
  { parts, length }: RequestBody,
  deadline: Pick<Deadline, 'stop'> & { start(): void },
): Promise<void> {
  let sent = 0
  deadline.stop()
  for await (const part of parts) {
    sent += part.byteLength
    if (request.destroyed || (length !== null && sent > length)) throw new Error('The body cannot be sent.')
    deadline.start()
    if (!request.write(part)) await drained(request)
    deadline.stop()
  }
  if (length !== null && sent !== length) throw new Error('The body is shorter than its Content-Length.')
  request.end()
}

function drained(request: ClientRequest): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const done = () => {
    request.off('drain', done)
    request.off('close', done)
    resolve()
  }
  request.on('drain', done)
  request.on('close', done)
  return promise
}
