import type { AskedRequirement } from '@sallyport/protocol'
import type { Context, MiddlewareHandler } from 'hono'
import { AuthError } from '../auth-error.ts'
import { createGuard, isPromise } from '../guard.ts'
import type { Principal, Verifier } from '../index.ts'

/** The variables that `requireAuth` sets in the context. */
export type AuthVariables = {
  /** The verified caller; set by `requireAuth`. */
  principal: Principal
}

/**
 * Guards the handlers after it: 401 without a valid token, 403 without the role or permission, 503 while the token cannot be checked,
 * each as problem+json. Otherwise sets `principal` in the context.
 *
 * Does **not** check that the principal may access the requested record: the route must do that.
 *
 * @throws TypeError at construction, for a requirement that is empty or misspelt.
 *
 * @example
 * app.get('/reports', requireAuth(verifier, { role: 'finance' }), (c) => c.json(reportFor(c.get('principal'))))
 */
export function requireAuth(
  verifier: Verifier,
  ...requirement: AskedRequirement
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
 * The principal of a guarded request.
 *
 * @throws TypeError when there is no `requireAuth` before the handler: an error in the routes, not of the caller.
 */
export function principalOf(c: Context): Principal {
  const principal: unknown = c.get('principal')
  if (principal === undefined)
    throw new TypeError('This route is not guarded: put requireAuth(verifier) before its handler.')
  return principal as Principal
}
