import type { User } from '@sallyport/protocol'
import type { z } from 'zod'
import type { IssuedTokens } from '../../flows/session/issue-tokens.ts'
import { signOut } from '../../flows/session/sign-out.ts'
import type { Caller, Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { privateJson, withTokens } from '../answers.ts'
import type { Exchange } from '../exchange.ts'
import { readJsonBody } from '../json-body.ts'
import { requireAllowedOrigin } from '../origin-rule.ts'

type Flow<T> = (
  context: Context,
  details: T,
  caller: Caller,
) => Promise<{ user: User; tokens: IssuedTokens } | null>

/**
 * What sign-up and sign-in have in common. The session is a new one whatever came along, and ends the one that this browser
 * had: an identifier from before a sign-in is worth nothing after it (S01).
 */
export async function openSession<T extends { transport?: 'cookie' | 'bearer' | undefined }>(
  exchange: Exchange,
  context: Context,
  schema: z.ZodType<T>,
  flow: Flow<T>,
): Promise<Response> {
  const { cookies, config, caller } = exchange
  // Cookies or not, a page of another origin may not sign anybody in (S07); whether cookies are wanted stands in the body.
  requireAllowedOrigin(exchange)
  const details = await readJsonBody(exchange, schema)
  const asCookies = details.transport !== 'bearer'
  if (asCookies) requireAllowedOrigin(exchange, true)
  // Whoever sends cookies is a browser with a session of ours: its scripts are not to see tokens.
  else if (cookies.carried) throw new FlowError('credential_conflict', { reason: 'bearer beside cookies' })
  const signedIn = await flow(context, details, caller)
  // Nobody is signed in before the address is proven; what this browser had goes on.
  if (signedIn === null) return privateJson({ status: 'mailed' }, 202)
  const { user, tokens } = signedIn
  if (asCookies)
    await signOut(
      context,
      { refreshTokens: [cookies.refreshToken], accessTokens: [cookies.accessToken] },
      caller,
    )
  return withTokens({ user }, tokens, { asCookies, headers: exchange.request.headers, config })
}
