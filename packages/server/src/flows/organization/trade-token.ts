import { accessTokenUrn } from '@sallyport/protocol/endpoints'
import type { Context } from '../../services/context.ts'
import { addedClaims } from '../session/added-claims.ts'
import { authenticate } from '../session/authenticate.ts'
import { issueAccessToken } from '../session/issue-tokens.ts'
import { requireMember } from './member.ts'

/**
 * Gives a session an access token for one organization (RFC 8693). It has the roles of the user in this organization, and no others. It ends
 * with the session, with the membership, and with every change of the user's roles.
 *
 * @throws AuthError, FlowError `token_invalid`, `token_expired`, `token_stale`, `session_ended`; as {@link requireMember}.
 */
export async function tradeToken(
  context: Context,
  { subject_token: subjectToken, organization: idOrSlug }: { subject_token: string; organization: string },
) {
  const principal = await context.verifier.verify(subjectToken)
  const { user, session } = await authenticate(context, principal)
  const { organization, membership } = await requireMember(context, { user, session }, idOrSlug)
  const { id, version, slug, name } = organization
  const added = await addedClaims(context, user, session.id)
  const { accessToken, expiresIn } = issueAccessToken(context, session, user, added, {
    id,
    version,
    roles: membership.roles,
  })
  return {
    access_token: accessToken,
    issued_token_type: accessTokenUrn,
    token_type: 'Bearer' as const,
    expires_in: expiresIn,
    organization: { id, slug, name },
  }
}
