import {
  type Access,
  definedRequirementOf,
  type Principal,
  type Requirement,
  refusalOf,
} from '@sallyport/protocol'
import { isOwnOrigin, isSafeMethod } from '../request/origin.ts'
import type { Runtime } from '../session/runtime.ts'
import { forbidden, notFound, toConfirm, toLogin } from './navigation.ts'
import { OriginRefusedError } from './session-error.ts'

/**
 * Options of `auth` in a route handler. If you pass the request, `auth` reads its method. Then every request except GET, HEAD and OPTIONS
 * must have the app's own origin in its `Origin` header. If you do not pass the request, `auth` still refuses another `Origin`. It
 * also refuses requests from other sites and subdomains, except navigations and prefetches (docs/security-model.md).
 */
export type HandlerRequest = {
  /** The request that the route handler received. */
  request?: Request
}

/** Checks access in server components, actions and route handlers. */
export type Guard<Defined extends Access = Access> = {
  /**
   * Returns who is signed in, or null. It verifies the token's signature, expiry, audience and revocation on each request. It never returns
   * a token. If a page of another origin sent the request, it returns null, even if the request has cookies of a session.
   *
   * @throws SessionUnavailableError if the session cannot be verified because of an outage. So an outage is not treated as a sign-out.
   * @example
   * const principal = await auth()
   */
  (options?: HandlerRequest): Promise<Principal | null>
  /**
   * Returns the principal. Without a session, it redirects to the sign-in page. `returnTo` is the page to open after sign-in, a path
   * without `basePath`. If the user does not have the required role or permission, it calls `forbidden()` (status 403). It does not check
   * who owns the data that you read afterwards.
   *
   * Call it before anything is rendered. If streaming has already begun, Next can no longer change the status 200. With `cacheComponents`,
   * which create-next-app sets, streaming has always begun before this call. Then a forbidden page shows nothing and has status 200. For a
   * real 403, also add a rule for the path: `authProxy({ protect: { '/reports/*': { role: 'finance' } } })` (docs/proxy.md).
   *
   * If the user has the role but authenticated too long ago (`maxAgeSeconds`) or with too few factors (`acr`), it redirects to the page
   * `confirmPath`, with the same `returnTo`. In the action of a form, use `meets` instead: a redirect loses the fields (docs/step-up.md).
   *
   * @throws TypeError if the requirement is given but is undefined, has an unknown key, or has an undefined or empty role or permission, or
   * one that the option `access` does not define. If such a requirement were ignored, every signed-in user would be admitted.
   * @throws OriginRefusedError (Next answers 403) if a page of another origin sent the request.
   * @example
   * const principal = await auth.require({ role: 'finance' })
   * @example
   * await auth.require({ role: 'finance', maxAgeSeconds: 600, returnTo: '/payouts' })
   * @example
   * export async function POST(request: Request) {
   *   await auth.require({ role: 'finance' }, { request })
   */
  require(
    requirement?: Requirement<Defined> & { returnTo?: string },
    options?: HandlerRequest,
  ): Promise<Principal>
  /**
   * Returns whether the signed-in user meets the requirement now. If nobody is signed in, the result is false. Use it where a redirect
   * would lose something, such as the fields of a form, and to choose what to show.
   *
   * @throws TypeError as `require`.
   * @throws OriginRefusedError as `require`.
   * @throws SessionUnavailableError if the session cannot be verified because of an outage.
   * @example
   * if (!(await auth.meets({ maxAgeSeconds: 600 }))) return { ...fields, mustConfirm: true }
   */
  meets(requirement: Requirement<Defined>, options?: HandlerRequest): Promise<boolean>
}

/** The current request, as a guard sees it. */
export type Visit = {
  headers: Headers
  /**
   * Who sent the request. `foreign`: a page of another origin sent it. `outside`: the user is not a member of the organization. `confirm`:
   * the organization demands a more recent authentication, or two factors. Null: nobody is signed in.
   */
  who: Principal | 'foreign' | 'outside' | 'confirm' | null
}

/** Returns a guard that reads the current request with `visit`. */
export function createGuard<Defined extends Access>(
  runtime: () => Runtime,
  visit: () => Promise<Visit>,
  access?: Defined,
): Guard<Defined> {
  async function own(asked: Request | undefined): Promise<Visit> {
    const visited = await visit()
    const forged =
      asked !== undefined && !isSafeMethod(asked.method) && !isOwnOrigin(asked.headers, runtime().config)
    return forged ? { ...visited, who: 'foreign' } : visited
  }

  const guard = async (options: HandlerRequest = {}) => {
    const { who } = await own(requestOf(options))
    return typeof who === 'object' ? who : null
  }

  const require: Guard<Defined>['require'] = async (...asked) => {
    const { returnTo, requirement } = readAsked(asked, access)
    const { who, headers } = await own(requestOf(asked[1] === undefined ? {} : asked[1]))
    if (who === 'foreign') throw new OriginRefusedError()
    if (who === 'outside') return notFound()
    if (who === null) return toLogin(runtime().config, headers, returnTo)
    const refusal = who === 'confirm' ? who : refusalOf(who, requirement, Date.now())
    if (refusal === null) return who as Principal
    return refusal === 'forbidden' ? forbidden() : toConfirm(runtime().config, headers, returnTo)
  }

  const meets: Guard<Defined>['meets'] = async (requirement, options = {}) => {
    const wanted = definedRequirementOf([requirement], access)
    if (Object.keys(wanted).length === 0)
      throw new TypeError(
        'auth.meets: the requirement is empty. To see whether anybody is signed in, use auth().',
      )
    const { who } = await own(requestOf(options))
    if (who === 'foreign') throw new OriginRefusedError()
    return typeof who === 'object' && who !== null && refusalOf(who, wanted, Date.now()) === null
  }

  return Object.assign(guard, { require, meets })
}

/**
 * Returns the parts of the first argument.
 *
 * @throws TypeError if the argument is given but is undefined or null. Usually the caller has then misspelt a name. If it were ignored,
 * every signed-in user would be admitted.
 */
function readAsked(
  asked: readonly unknown[],
  access: Access | undefined,
): {
  returnTo?: string | undefined
  requirement: Requirement
} {
  if (asked.length === 0) return { requirement: {} }
  const [wanted] = asked
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted))
    return { requirement: definedRequirementOf([wanted], access) }
  const { returnTo, ...requirement } = wanted as Requirement & { returnTo?: string }
  return { returnTo, requirement: definedRequirementOf([requirement], access) }
}

/** @throws TypeError if options are given without a valid request. If they were ignored, the method would not be checked. */
function requestOf(options: HandlerRequest): Request | undefined {
  const { request }: { request?: unknown } = options ?? {}
  const isMeant =
    request === undefined
      ? typeof options === 'object' &&
        options !== null &&
        Object.keys(options).length === 0 &&
        !('method' in options)
      : request !== null && typeof request === 'object' && 'method' in request && 'headers' in request
  if (!isMeant) throw new TypeError('auth: pass the request of the handler as { request }, or leave it out.')
  return request as Request | undefined
}
