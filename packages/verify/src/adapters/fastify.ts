import type { Access, AskedRequirement } from '@sallyport/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AuthError } from '../auth-error.ts'
import { createGuard, isPromise } from '../guard.ts'
import type { Principal, Verifier } from '../index.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The verified caller. `requireAuth` sets it. */
    principal?: Principal
  }
}

/**
 * Returns a hook that checks access to a route or a plugin (a guard). The hook answers with 401 if the request has no valid token or the
 * user must authenticate again, with 403 if the caller does not have the role or permission, and with 503 if the token cannot be checked at
 * the moment. The body is problem+json. If the request is accepted, the hook sets `request.principal`. Use it as `onRequest`, so that the
 * body of a refused request is not read.
 *
 * Does **not** check whether the principal may access the requested record. Your route must check this.
 *
 * @throws TypeError when the guard is created, if the requirement is undefined or misspelt, or if its role or permission is empty.
 *
 * @example
 * app.get('/reports', { onRequest: requireAuth(verifier, { role: 'finance' }) }, async (request) => reportFor(principalOf(request)))
 */
export function requireAuth<Defined extends Access>(
  verifier: Verifier<Defined>,
  ...requirement: AskedRequirement<Defined>
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

/** A resolved promise that all requests share. */
const goesOn = Promise.resolve(undefined)

/** @throws The given error, if it is not an AuthError. */
function refuse(reply: FastifyReply, error: unknown): FastifyReply {
  if (!(error instanceof AuthError)) throw error
  const requestId = reply.getHeader('x-request-id')
  const { status, headers, cookies, body } = error.toAnswer(
    typeof requestId === 'string' ? requestId : undefined,
  )
  if (cookies.length > 0) reply.header('set-cookie', [...cookies])
  // Send bytes. If the body is a string, Fastify adds a charset, but this media type has none.
  return reply.code(status).headers(headers).send(Buffer.from(body))
}

/**
 * Returns the principal of a guarded request.
 *
 * @throws TypeError if no `requireAuth` runs before the handler. This is an error in your routes, not in the request.
 */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined)
    throw new TypeError('This route is not guarded: give it onRequest: requireAuth(verifier).')
  return request.principal
}
