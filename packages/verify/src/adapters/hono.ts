import type { Access, AskedRequirement } from '@sallyport/protocol'
import type { Context, MiddlewareHandler } from 'hono'
import { AuthError } from '../auth-error.ts'
import { createGuard, isPromise } from '../guard.ts'
import type { Principal, Verifier } from '../index.ts'

/** The variables that `requireAuth` sets in the context. */
export type AuthVariables = {
  /** The verified caller. `requireAuth` sets it. */
  principal: Principal
}

/**
 * Returns a middleware that checks access to the handlers after it (a guard). The guard answers with 401 if the request has no valid token
 * or the user must authenticate again, with 403 if the caller does not have the role or permission, and with 503 if the token cannot be
 * checked at the moment. The body is problem+json. If the request is accepted, the guard sets `principal` in the context.
 *
 * Does **not** check whether the principal may access the requested record. Your route must check this.
 *
 * @throws TypeError when the guard is created, if the requirement is undefined or misspelt, or if its role or permission is empty.
 *
 * @example
 * app.get('/reports', requireAuth(verifier, { role: 'finance' }), (c) => c.json(reportFor(c.get('principal'))))
 */
export function requireAuth<Defined extends Access>(
  verifier: Verifier<Defined>,
  ...requirement: AskedRequirement<Defined>
): MiddlewareHandler<{ Variables: AuthVariables }> {
  const admit = createGuard(verifier, ...requirement)
  return async (c, next) => {
    try {
      const found = admit(c.req.raw)
      c.set('principal', isPromise(found) ? await found : found)
    } catch (error) {
      if (!(error instanceof AuthError)) throw error
      return error.toResponse(c.res.headers.get('x-request-id') ?? undefined)
    }
    await next()
  }
}

/**
 * Returns the principal of a guarded request.
 *
 * @throws TypeError if no `requireAuth` runs before the handler. This is an error in your routes, not in the request.
 */
export function principalOf(c: Context): Principal {
  const principal: unknown = c.get('principal')
  if (principal === undefined)
    throw new TypeError('This route is not guarded: put requireAuth(verifier) before its handler.')
  return principal as Principal
}
