import { AuthError } from '../auth-error.ts'
import { createGuard } from '../guard.ts'
import type { Principal, Requirement, Verifier } from '../index.ts'

/** Answers a request that has been let through. */
export type GuardedHandler = (request: Request, principal: Principal) => Response | Promise<Response>

/**
 * Wraps a `fetch`-style handler in a guard: 401 without a good token, 403 without the role or permission, 503 while nobody
 * can tell, each as problem+json; else the handler gets the request and its principal. For route handlers, workers and
 * every framework that speaks `Request` and `Response`.
 *
 * Does **not** check that the principal may see the one record that is asked for: that is the handler's to decide.
 *
 * @throws TypeError at construction, for a requirement that is empty or misspelt.
 *
 * @example
 * export const GET = withAuth(verifier, { role: 'finance' }, (request, principal) => Response.json({ for: principal.userId }))
 */
export function withAuth(verifier: Verifier, handler: GuardedHandler): (request: Request) => Promise<Response>
export function withAuth(
  verifier: Verifier,
  requirement: Requirement,
  handler: GuardedHandler,
): (request: Request) => Promise<Response>
export function withAuth(
  verifier: Verifier,
  ...rest: [handler: GuardedHandler] | [requirement: Requirement, handler: GuardedHandler]
): (request: Request) => Promise<Response> {
  const handler = rest.length === 1 ? rest[0] : rest[1]
  const admit = rest.length === 1 ? createGuard(verifier) : createGuard(verifier, rest[0])
  return async (request) => {
    let principal: Principal
    try {
      principal = await admit(request)
    } catch (error) {
      if (error instanceof AuthError) return error.toResponse()
      throw error
    }
    return handler(request, principal)
  }
}
