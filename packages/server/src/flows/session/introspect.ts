import { errorTable, type IntrospectResponse } from '@sallyport/protocol'
import { AuthError } from '@sallyport/verify'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { verifiedClaimsOf } from '../../tokens/access-token.ts'
import { authenticate } from './authenticate.ts'

/**
 * Whether an access token is live right now, and whose it is, for those who read no JWT (RFC 7662 section 2.2). Whatever is wrong
 * with it, the answer is the same.
 */
export async function introspect(context: Context, token: string): Promise<IntrospectResponse> {
  try {
    const principal = await context.verifier.verify(token)
    await authenticate(context, { principal, token })
    const { iss, aud, client_id, sub, sid, jti, iat, exp, roles, permissions } = verifiedClaimsOf(token)
    // A product's own claims have none of the names below: the hook that adds them is refused those.
    const own = { iss, aud, client_id, sub, sid, jti, iat, exp, roles, permissions }
    return { ...principal.claims, active: true, token_type: 'Bearer', ...own }
  } catch (error) {
    // Only a judgement of the token: that we cannot tell right now is not "inactive".
    const isJudged = error instanceof AuthError || error instanceof FlowError
    if (isJudged && errorTable[error.code].status === 401) return { active: false }
    throw error
  }
}
