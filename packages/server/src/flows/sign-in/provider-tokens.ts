import type { OpenedProvider, ProviderTokens } from '../../providers/open-provider.ts'
import type { Context } from '../../services/context.ts'
import type { Database } from '../../store/database.ts'
import {
  dropProviderToken,
  findProviderToken,
  type ProviderTokenRow,
  putProviderToken,
} from '../../store/provider-token.ts'

/** What is stored, encrypted. A refresh token is sent only to the issuer that has issued it, with the client id for which it was issued. */
type StoredTokens = ProviderTokens & { issuer: string; clientId: string }

/**
 * Stores the tokens of a sign-in, in the transaction of the sign-in. Some providers issue a refresh token only at the first sign-in, so the
 * earlier one is kept if there is no new one. If the settings do not keep tokens, deletes those that were stored before.
 */
export async function keepProviderTokens(
  context: Pick<Context, 'keyring' | 'clock'>,
  transaction: Database,
  provider: OpenedProvider,
  identityId: string,
  tokens: ProviderTokens | null,
): Promise<void> {
  if (tokens === null) return dropProviderToken(transaction, identityId)
  const before = await findProviderToken(transaction, identityId)
  const earlier = before === null ? null : openTokens(context, provider, before)
  const refreshToken = tokens.refreshToken ?? earlier?.refreshToken ?? null
  await putProviderToken(transaction, {
    identityId,
    tokens: sealTokens(context, provider, identityId, { ...tokens, refreshToken }),
    updatedAt: context.clock(),
  })
}

/** Encrypts the tokens of an identity. */
export function sealTokens(
  { keyring }: Pick<Context, 'keyring'>,
  { issuer, clientId }: OpenedProvider,
  identityId: string,
  tokens: ProviderTokens,
): string {
  const stored: StoredTokens = { ...tokens, issuer, clientId }
  return keyring.seal('provider token', JSON.stringify(stored), identityId)
}

/**
 * Decrypts the tokens of an identity. Returns null if they were encrypted under a secret that is not known any more, or if the settings have
 * another issuer or client id now.
 */
export function openTokens(
  { keyring }: Pick<Context, 'keyring'>,
  provider: Pick<OpenedProvider, 'issuer' | 'clientId'>,
  { identityId, tokens }: Pick<ProviderTokenRow, 'identityId' | 'tokens'>,
): ProviderTokens | null {
  const plain = keyring.open('provider token', tokens, identityId)
  if (plain === null) return null
  const { issuer, clientId, ...opened } = JSON.parse(plain) as StoredTokens
  return issuer === provider.issuer && clientId === provider.clientId ? opened : null
}
