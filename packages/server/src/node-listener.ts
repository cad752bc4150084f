import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { getRequestListener, RequestError } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { problemResponse } from '@sallyport/protocol'
import { noteExactLength } from './http/exact-length.ts'
import { lightFetch, textOf } from './http/light-answer.ts'
import type { Sallyport } from './sallyport.ts'

/** The logged text for a request whose body another parser has already read. */
const bodyIsGone =
  'The body of this request has already been read. Mount Sallyport before express.json() and other body parsers.'

/**
 * Returns the auth server as a listener for Node's HTTP server. Mount it in Express, Fastify or another framework that is built on that
 * server. The listener answers every request and never rejects. The response to an unknown path is 404.
 *
 * @example
 * const sallyport = await createSallyport(optionsFromEnvironment(process.env))
 * app.use(['/api/auth', '/api/user', '/.well-known'], nodeListener(sallyport)) // before express.json()
 */
export function nodeListener({
  fetch,
  log,
}: Pick<Sallyport, 'fetch' | 'log'>): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  const answerLightly = lightFetch(fetch)
  const listener = getRequestListener(
    async (request, env) => {
      const { incoming, outgoing } = env as { incoming: IncomingMessage; outgoing: ServerResponse }
      if (incoming.readableDidRead) {
        log.error(bodyIsGone)
        return problemResponse('internal_error')
      }
      noteExactLength(request)
      const answer = await answerLightly(request, {
        connection: { remoteAddress: incoming.socket.remoteAddress },
      })
      const text = textOf(answer)
      if (text === undefined) return answer
      send(outgoing, answer, text)
      return RESPONSE_ALREADY_SENT
    },
    {
      overrideGlobalObjects: false,
      // The adapter throws if the request target or the `Host` header is not valid.
      errorHandler: (error) =>
        problemResponse(error instanceof RequestError ? 'invalid_request' : 'internal_error'),
    },
  )
  return async (incoming, outgoing) => {
    // Express removes the mount path from `url`. Sallyport's routes and cookies need the whole path.
    if ('originalUrl' in incoming && typeof incoming.originalUrl === 'string')
      incoming.url = incoming.originalUrl
    // HTTP/1.0 does not require Host (RFC 9112 section 3.2), and some health checks do not send it. Its value is not used here.
    if (incoming.httpVersion === '1.0') incoming.headers.host ??= 'localhost'
    await listener(incoming, outgoing)
  }
}

/** Writes a response whose text is known. The headers and the text are written together. */
function send(outgoing: ServerResponse, { status, headers }: Response, text: string): void {
  const fields: OutgoingHttpHeaders = {}
  for (const [name, value] of headers) fields[name] = value
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) fields['set-cookie'] = cookies
  outgoing.writeHead(status, { ...fields, 'content-length': Buffer.byteLength(text) }).end(text)
}
