import { AuthError, type Principal } from '@sallyport/verify'
import type { BrowserDetails } from './auth-server-client.ts'
import { isRenewable } from './renewable.ts'
import { isDue } from './resolve-session.ts'
import type { Runtime } from './runtime.ts'

/** An organization, in the form that every member may see. */
export type OrganizationAddress = {
  /** The id. It never changes. */
  id: string
  /** The current name in addresses, such as `acme`. */
  slug: string
  /** The name, to show to people. */
  name: string
}

/**
 * What a session may do in an organization.
 * - `member`: the principal has the roles and permissions in this organization, and no others.
 * - `outside`: there is no such organization, or the user is not a member of it.
 * - `confirm`: the organization demands two factors, or a more recent authentication.
 * - `renewable`: the session's access token must be refreshed first.
 * - `ended`: the session has ended.
 * - `unavailable`: because of an outage, it is unknown.
 */
export type OrganizationAccess =
  | { kind: 'member'; principal: Principal; accessToken: string; organization: OrganizationAddress }
  | { kind: 'outside' | 'confirm' | 'renewable' | 'ended' | 'unavailable' }

/**
 * Exchanges the session for access to one organization. It verifies the token of the organization on each call, so a demotion or a removal
 * works as soon as this process knows of it.
 *
 * @param session The session of the current request.
 * @param organization The id or the slug, usually from the address. It may be any text.
 */
export async function organizationAccess(
  runtime: Runtime,
  session: { accessToken: string },
  organization: string,
  browser: BrowserDetails,
): Promise<OrganizationAccess> {
  const { organizations: tokens, verifier, config } = runtime
  if (tokens === null)
    throw new TypeError('Organizations need the auth server. With a `customIssuer` there are none.')
  if (!isOrganizationReference(organization)) return { kind: 'outside' }
  let before: Extract<OrganizationAccess, { kind: 'member' }> | undefined
  for (let attempt = 1; ; attempt += 1) {
    const traded = await tokens.trade(session.accessToken, organization, browser)
    if (!traded.ok) {
      const kind = kindOf(traded.problem.code)
      // During an outage, the token from before is used until it expires.
      return kind === 'unavailable' && before && before.principal.expiresAt > Date.now() ? before : { kind }
    }
    const { access_token: accessToken, organization: found } = traded
    const verified = await verify(verifier, accessToken)
    if (typeof verified === 'object') {
      // A token without `org`, or with the id of another organization, would give the roles of somewhere else.
      if (verified.organizationId !== found.id) return { kind: 'unavailable' }
      before = { kind: 'member', principal: verified, accessToken, organization: found }
      if (attempt > 1 || !isDue(verified, config.refreshBeforeExpiryMs, Date.now())) return before
    } else if (verified !== 'renewable') return { kind: verified }
    tokens.forget(session.accessToken, organization, accessToken)
    // The token that was just issued is not valid here. The revocation feed may be ahead of the answer, so the session is refreshed.
    if (attempt > 1) return { kind: 'renewable' }
  }
}

/** Returns whether this can be the id or the slug of an organization. */
export function isOrganizationReference(reference: string): boolean {
  return /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(reference) && reference.length <= 48
}

function kindOf(code: string): 'outside' | 'confirm' | 'renewable' | 'ended' | 'unavailable' {
  if (code === 'not_found') return 'outside'
  if (code === 'insufficient_user_authentication') return 'confirm'
  if (code === 'session_ended') return 'ended'
  return isRenewable(code) ? 'renewable' : 'unavailable'
}

async function verify(
  verifier: Runtime['verifier'],
  accessToken: string,
): Promise<Principal | 'renewable' | 'ended' | 'unavailable'> {
  try {
    return await verifier.verify(accessToken)
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    if (error.code === 'session_ended') return 'ended'
    return isRenewable(error.code) ? 'renewable' : 'unavailable'
  }
}
