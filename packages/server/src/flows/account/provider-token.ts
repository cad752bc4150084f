import { setTimeout as wait } from 'node:timers/promises'
import type { ProviderToken } from '@sallyport/protocol/endpoints'
import type { OpenedProvider, ProviderTokens } from '../../providers/open-provider.ts'
import { ProviderError } from '../../providers/provider-error.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { consumeUserQuota } from '../../services/throttles.ts'
import {
  dropProviderToken,
  endProviderTokenLease,
  findProviderTokenOf,
  leaseProviderToken,
  type ProviderTokenRow,
} from '../../store/provider-token.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { refuse } from '../sign-in/provider-start.ts'
import { openTokens, sealTokens } from '../sign-in/provider-tokens.ts'

/** Milliseconds before its expiry at which a token is refreshed, so that the app can still use it. */
const marginMs = 60_000
/**
 * Milliseconds for which a refresh is reserved. It sends at most three requests, of 8 seconds each. If a process ends during a refresh,
 * another one can begin after this time.
 */
const leaseMs = 40_000
/** Milliseconds between two looks at a refresh of another process, and the number of looks. */
const lookMs = 100
const maxLooks = 80

/** For each identity, the refresh that is under way in this process. */
const underWay = new WeakMap<Context, Map<string, Promise<ProviderTokens>>>()

/**
 * Returns the access token of a signed-in user at a provider. If it has expired, refreshes it first. Of several requests at the same time,
 * also in several processes, one refreshes, and the others wait for its result.
 *
 * @throws FlowError `not_found` when the settings do not define the provider; `provider_token_unavailable` when no token is stored, or when
 * the provider does not accept the refresh token any more; `provider_failed`; `too_many_requests`.
 */
export async function providerTokenOf(
  context: Context,
  { user }: Authenticated,
  name: string,
  source: RequestSource,
): Promise<ProviderToken> {
  const provider = context.providers.get(name)
  if (provider === undefined) throw new FlowError('not_found', { reason: 'no such provider' })
  if (!provider.keepsTokens) throw unavailable('the settings do not keep the tokens of this provider')
  for (let looks = 0; looks <= maxLooks; looks += 1) {
    const row = await findProviderTokenOf(context.database, user.id, name)
    if (row === null) throw unavailable('no token is stored')
    const tokens = openTokens(context, provider, row)
    if (tokens === null) {
      await dropProviderToken(context.database, row.identityId, { unchanged: row.tokens })
      throw unavailable(
        'the token is of another issuer or client, or sealed under a secret that is not known',
      )
    }
    const now = context.clock()
    if (isFresh(tokens, now + marginMs)) return shown(tokens)
    if (tokens.refreshToken === null) {
      if (isFresh(tokens, now)) return shown(tokens)
      await dropProviderToken(context.database, row.identityId, { unchanged: row.tokens })
      throw unavailable('the token has expired, and there is no refresh token')
    }
    const refreshed = await refreshOnce(context, provider, row, tokens, () =>
      consumeUserQuota(context, 'provider_token', user.id, source),
    )
    if (refreshed !== null) return shown(refreshed)
    await wait(lookMs)
  }
  throw new FlowError('provider_failed', {
    reason: 'another process refreshes the token, and does not finish',
  })
}

/** Joins the refresh of this process, or begins one. Returns null if another process refreshes the tokens, or if they have changed. */
async function refreshOnce(
  context: Context,
  provider: OpenedProvider,
  row: ProviderTokenRow,
  tokens: ProviderTokens,
  count: () => Promise<void>,
): Promise<ProviderTokens | null> {
  const refreshes = underWay.get(context) ?? new Map<string, Promise<ProviderTokens>>()
  underWay.set(context, refreshes)
  const running = refreshes.get(row.identityId)
  if (running !== undefined) return running
  const lease = context.newId()
  const now = context.clock()
  if (!(await leaseProviderToken(context.database, row, { lease, now, leaseUntil: now + leaseMs })))
    return null
  const refresh = refreshLeased(context, provider, { identityId: row.identityId, lease }, tokens, count)
  refreshes.set(row.identityId, refresh)
  try {
    return await refresh
  } finally {
    refreshes.delete(row.identityId)
  }
}

async function refreshLeased(
  context: Context,
  provider: OpenedProvider,
  leased: { identityId: string; lease: string },
  tokens: ProviderTokens,
  count: () => Promise<void>,
): Promise<ProviderTokens> {
  const { database, clock } = context
  try {
    await count()
    const renewed = await provider.refresh(tokens.refreshToken ?? '', tokens.scopes)
    await endProviderTokenLease(database, leased, {
      tokens: sealTokens(context, provider, leased.identityId, renewed),
      updatedAt: clock(),
    })
    return renewed
  } catch (error) {
    if (error instanceof ProviderError && error.kind === 'expired') {
      await dropProviderToken(database, leased.identityId, { lease: leased.lease })
      throw unavailable('the provider does not accept the refresh token any more')
    }
    await endProviderTokenLease(database, leased, null)
    // The provider cannot be reached. The token can still be used for a moment.
    if (isFresh(tokens, clock())) return tokens
    return refuse(error)
  }
}

function isFresh({ expiresAt }: ProviderTokens, at: number): boolean {
  return expiresAt === null || expiresAt > at
}

/** Returns what the app may see. The refresh token stays here. */
function shown({ accessToken, expiresAt, scopes }: ProviderTokens): ProviderToken {
  return { accessToken, expiresAt, scopes }
}

function unavailable(reason: string): FlowError {
  return new FlowError('provider_token_unavailable', { reason })
}
