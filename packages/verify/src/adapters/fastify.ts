import type { AskedRequirement } from '@sallyport/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AuthError } from '../auth-error.ts'
import { createGuard, isPromise } from '../guard.ts'
import type { Principal, Verifier } from '../index.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The verified caller; set by `requireAuth`. */
    principal?: Principal
  }
}

/**
 * Returns a hook that guards a route or a plugin: 401 without a valid token, 403 without the role or permission, 503 while the token
 * cannot be checked, each as problem+json. Otherwise sets `request.principal`. Use it as `onRequest`, so that the body of a refused
 * request is not read.
 *
 * Does **not** check that the principal may access the requested record: the route must do that.
 *
 * @throws TypeError at construction, for a requirement that is empty or misspelt.
 *
 * @example
 * app.get('/reports', { onRequest: requireAuth(verifier, { role: 'finance' }) }, async (request) => reportFor(principalOf(request)))
 */
export function requireAuth(
  verifier: Verifier,
  ...requirement: AskedRequirement
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  const admit = createGuard(verifier, ...requirement)
  return (request, reply) => {
    const admitted = (principal: Principal): Promise<undefined> => {
      request.principal = principal
      return goesOn
    }
    const refused = async (error: unknown) => refuse(reply, error)
    try {
      const found = admit(request.raw)
      return isPromise(found) ? found.then(admitted, refused) : admitted(found)
    } catch (error) {
      return refused(error)
    }
  }
}

/** One promise for all requests. */
const goesOn = Promise.resolve(undefined)

/** @throws the error, if it is not an AuthError. */
function refuse(reply: FastifyReply, error: unknown): FastifyReply {
  if (!(error instanceof AuthError)) throw error
  const requestId = reply.getHeader('x-request-id')
  const { status, headers, cookies, body } = error.toAnswer(
    typeof requestId === 'string' ? requestId : undefined,
  )
  if (cookies.length > 0) reply.header('set-cookie', [...cookies])
  // As bytes, because Fastify adds a charset for strings, which this media type does not have.
  return reply.code(status).headers(headers).send(Buffer.from(body))
}

/**
 * The principal of a guarded request.
 *
 * @throws TypeError when there is no `requireAuth` before the handler: an error in the routes, not of the caller.
 */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined)
    throw new TypeError('This route is not guarded: give it onRequest: requireAuth(verifier).')
  return request.principal
}
