import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { getRequestListener, RequestError } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { problemResponse } from '@sallyport/protocol'
import { noteExactLength } from './http/exact-length.ts'
import { lightFetch, textOf } from './http/light-answer.ts'
import type { Sallyport } from './sallyport.ts'

/** Why a request with a body cannot be answered: it is empty by now. */
const bodyIsGone =
  'Something has read the body of this request already. Mount Sallyport before express.json() and its like.'

/**
 * The auth server as a listener of Node's HTTP server, to be mounted in Express, Fastify and everything else that is built on it. It
 * answers every request, with 404 for an unknown path; it never rejects.
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
      // What the adapter itself cannot make a request of: a target or a Host that is no address.
      errorHandler: (error) =>
        problemResponse(error instanceof RequestError ? 'invalid_request' : 'internal_error'),
    },
  )
  return async (incoming, outgoing) => {
    // Express takes the path of the mount away; tokens, cookies and routes know the whole one.
    if ('originalUrl' in incoming && typeof incoming.originalUrl === 'string')
      incoming.url = incoming.originalUrl
    // HTTP/1.0 does not ask for Host (RFC 9112, section 3.2), and some health checks send none. Nothing here depends on its value.
    if (incoming.httpVersion === '1.0') incoming.headers.host ??= 'localhost'
    await listener(incoming, outgoing)
  }
}

/** Writes an answer whose text is known: headers and text in one piece. */
function send(outgoing: ServerResponse, { status, headers }: Response, text: string): void {
  const fields: OutgoingHttpHeaders = {}
  for (const [name, value] of headers) fields[name] = value
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) fields['set-cookie'] = cookies
  outgoing.writeHead(status, { ...fields, 'content-length': Buffer.byteLength(text) }).end(text)
}
