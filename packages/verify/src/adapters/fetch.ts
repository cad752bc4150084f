import type { Access } from '@sallyport/protocol'
import { AuthError } from '../auth-error.ts'
import { createGuard } from '../guard.ts'
import type { Principal, Requirement, Verifier } from '../index.ts'

/** A handler for requests that the guard has accepted. */
export type GuardedHandler = (request: Request, principal: Principal) => Response | Promise<Response>

/**
 * Wraps a `fetch`-style handler in a guard, which checks access first. The guard answers with 401 if the request has no valid token or the
 * user must authenticate again, with 403 if the caller does not have the role or permission, and with 503 if the token cannot be checked at
 * the moment. The body is problem+json. If the request is accepted, the guard calls the handler with the request and its principal. Use it
 * for route handlers, workers and every framework that uses `Request` and `Response`.
 *
 * Does **not** check whether the principal may access the requested record. Your handler must check this.
 *
 * @throws TypeError when the guard is created, if the requirement is undefined or misspelt, or if its role or permission is empty.
 *
 * @example
 * export const GET = withAuth(verifier, { role: 'finance' }, (request, principal) => Response.json({ for: principal.userId }))
 */
export function withAuth(verifier: Verifier, handler: GuardedHandler): (request: Request) => Promise<Response>
export function withAuth<Defined extends Access>(
  verifier: Verifier<Defined>,
  requirement: Requirement<Defined>,
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
