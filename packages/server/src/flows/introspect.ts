import { errorTable, type IntrospectResponse } from '@sallyport/protocol'
import { AuthError } from '@sallyport/verify'
import { authenticate } from './authenticate.ts'
import type { Context } from './context.ts'
import { FlowError } from './flow-error.ts'

/** Whether an access token is live right now (RFC 7662). Whatever is wrong with it, the answer is the same. */
export async function introspect(context: Context, token: string): Promise<IntrospectResponse> {
  try {
    const principal = await context.verifier.verify(token)
    await authenticate(context, { principal, token })
    return {
      // Its names are none of those below: the hook that adds them is refused those.
      ...principal.claims,
      active: true,
      sub: principal.userId,
      sid: principal.sessionId,
      exp: Math.floor(principal.expiresAt / 1000),
    }
  } catch (error) {
    // Only a judgement of the token: that we cannot tell right now is not "inactive".
    const isJudged = error instanceof AuthError || error instanceof FlowError
    if (isJudged && errorTable[error.code].status === 401) return { active: false }
    throw error
  }
}
