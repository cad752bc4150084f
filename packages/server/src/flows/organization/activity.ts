import type { Context, RequestSource } from '../../services/context.ts'
import { consumeUserQuota } from '../../services/throttles.ts'
import { listAuditEvents } from '../../store/audit-event.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { requireMember } from './member.ts'
import { pageOf, pageSize, readAfter } from './page.ts'

/**
 * Returns a page of the events of an organization, the newest first. Network addresses and devices of members are left out.
 *
 * @throws FlowError as {@link requireMember}; `invalid_request`, `too_many_requests`.
 */
export async function listOrganizationActivity(
  context: Context,
  authenticated: Authenticated,
  idOrSlug: string,
  after: string | undefined,
  source: RequestSource,
) {
  const [before] = readAfter(after, 1) ?? []
  await consumeUserQuota(context, 'listing', authenticated.user.id, source)
  const { organization } = await requireMember(context, authenticated, idOrSlug, { permission: 'audit:read' })
  const events = await listAuditEvents(context.database, {
    organizationId: organization.id,
    before,
    limit: pageSize + 1,
  })
  const { rows, next } = pageOf(events, ({ id }) => [id])
  const activity = rows.map(({ id, at, action, result, actor, userId, details }) => ({
    id,
    at,
    action,
    result,
    actor,
    userId,
    details: details === null ? {} : (JSON.parse(details) as Record<string, string | number>),
  }))
  return { activity, next }
}
