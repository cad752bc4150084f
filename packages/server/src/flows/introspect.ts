import type { IntrospectResponse } from '@sallyport/protocol'
import { AuthError } from '@sallyport/verify'
import type { Context } from './context.ts'
import { FlowError } from './flow-error.ts'
import { currentSession } from './session.ts'

/** Whether an access token is live right now (RFC 7662). Whatever is wrong with it, the answer is the same. */
export async function introspect(context: Context, token: string): Promise<IntrospectResponse> {
  try {
    const principal = await context.verifier.verify(token)
    await currentSession(context, principal)
    return {
      active: true,
      sub: principal.userId,
      sid: principal.sessionId,
      exp: Math.floor(principal.expiresAt / 1000),
    }
  } catch (error) {
    if (error instanceof AuthError || error instanceof FlowError) return { active: false }
    throw error
  }
}
