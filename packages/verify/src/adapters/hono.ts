import type { AskedRequirement } from '@sallyport/protocol'
import type { Context, MiddlewareHandler } from 'hono'
import { AuthError } from '../auth-error.ts'
import { createGuard, isPromise } from '../guard.ts'
import type { Principal, Verifier } from '../index.ts'

/** What `requireAuth` puts into the context. */
export type AuthVariables = {
  /** The verified caller; set by `requireAuth`. */
  principal: Principal
}

/**
 * Guards what comes after it: 401 without a good token, 403 without the role or permission, 503 while nobody can tell,
 * each as problem+json; else the context's `principal` is set.
 *
 * Does **not** check that the principal may see the one record that is asked for: that is the route's to decide.
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
 * @throws TypeError when no `requireAuth` stands before: a mistake in the routes, not the caller's.
 */
export function principalOf(c: Context): Principal {
  const principal: unknown = c.get('principal')
  if (principal === undefined)
    throw new TypeError('This route is not guarded: put requireAuth(verifier) before its handler.')
  return principal as Principal
}
