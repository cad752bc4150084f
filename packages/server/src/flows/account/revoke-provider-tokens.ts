import { providerErrorOf } from '../../providers/provider-error-of.ts'
import type { Context } from '../../services/context.ts'
import type { ProviderTokenOfUser } from '../../store/provider-token.ts'
import { openTokens } from '../sign-in/provider-tokens.ts'

/** After this many milliseconds, no further request begins. A request has the time limit of `boundedFetch`. */
const limitMs = 30_000

/**
 * Revokes tokens at their providers, one after the other. Call this after the transaction that has deleted them. The caller does not wait.
 * A failure is only logged. It is not tried again, because the tokens are not stored any more.
 */
export function revokeProviderTokens(context: Context, deleted: readonly ProviderTokenOfUser[]): void {
  if (deleted.length === 0) return
  const { underWay } = context
  const revoking = revokeAll(context, deleted).finally(() => underWay.delete(revoking))
  underWay.add(revoking)
}

async function revokeAll(context: Context, deleted: readonly ProviderTokenOfUser[]): Promise<void> {
  const { clock, providers, onRevocationFault } = context
  const until = clock() + limitMs
  for (const { provider: name, ...row } of deleted) {
    if (clock() >= until) return
    try {
      const provider = providers.get(name)
      const tokens = provider === undefined ? null : openTokens(context, provider, row)
      if (tokens !== null) await provider?.revoke(tokens)
    } catch (error) {
      onRevocationFault({ provider: name, reason: providerErrorOf(error).reason })
    }
  }
}
