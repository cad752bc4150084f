import type { Access, AskedRequirement } from '@sallyport/protocol'
import type { Request, RequestHandler, Response } from 'express'
import { AuthError } from '../auth-error.ts'
import { createGuard, isPromise } from '../guard.ts'
import type { Principal, Verifier } from '../index.ts'

declare module 'express-serve-static-core' {
  interface Request {
    /** The verified caller. `requireAuth` sets it. */
    principal?: Principal
  }
}

/**
 * Returns a middleware that checks access to the handlers after it (a guard). The guard answers with 401 if the request has no valid token
 * or the user must authenticate again, with 403 if the caller does not have the role or permission, and with 503 if the token cannot be
 * checked at the moment. The body is problem+json. Your error handler is not called for these answers. If the request is accepted, the
 * guard sets `req.principal`.
 *
 * Does **not** check whether the principal may access the requested record. Your route must check this.
 *
 * @throws TypeError when the guard is created, if the requirement is undefined or misspelt, or if its role or permission is empty.
 *
 * @example
 * app.get('/invoices', requireAuth(verifier), (req, res) => res.json(listInvoices(principalOf(req).userId)))
 * app.get('/reports', requireAuth(verifier, { role: ['owner', 'finance'] }), sendReport)
 */
export function requireAuth<Defined extends Access>(
  verifier: Verifier<Defined>,
  ...requirement: AskedRequirement<Defined>
): RequestHandler {
  const admit = createGuard(verifier, ...requirement)
  return (req, res, next) => {
    const admitted = (principal: Principal) => {
      req.principal = principal
      next()
    }
    const refused = (error: unknown) => {
      if (error instanceof AuthError) refuse(res, error)
      else next(error)
    }
    let found: Principal | Promise<Principal>
    try {
      found = admit(req)
    } catch (error) {
      refused(error)
      return
    }
    if (isPromise(found)) found.then(admitted, refused)
    else admitted(found)
  }
}

/**
 * Returns the principal of a guarded request.
 *
 * @throws TypeError if no `requireAuth` runs before the handler. This is an error in your routes, not in the request.
 */
export function principalOf(req: Request): Principal {
  if (req.principal === undefined)
    throw new TypeError('This route is not guarded: put requireAuth(verifier) before its handler.')
  return req.principal
}

function refuse(res: Response, error: AuthError): void {
  const requestId = res.getHeader('x-request-id')
  const { status, headers, cookies, body } = error.toAnswer(
    typeof requestId === 'string' ? requestId : undefined,
  )
  if (cookies.length > 0) res.append('set-cookie', [...cookies])
  res.status(status).set(headers).end(body)
}
