import { timingSafeEqual } from 'node:crypto'
import type { OpenedProvider, StartSecrets } from '../../providers/open-provider.ts'
import { ProviderError } from '../../providers/provider-error.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { consumeQuota, consumeUserQuota } from '../../services/throttles.ts'
import {
  addProviderStart,
  findProviderStart,
  findStartByState,
  holdCallback,
  type ProviderStartRow,
  takeProviderStart,
} from '../../store/provider-start.ts'
import { newOneTimeSecret, oneTimeHash } from '../../tokens/one-time-secret.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { requireStrongProof } from './reauthenticate.ts'

/** Seconds for which the user can come back from the provider. */
export const providerStartSeconds = 600

/** The session in which the user has begun to link a provider. */
export type LinkingSession = { userId: string; sessionId: string; version: number }

/** What is stored, encrypted, about a sign-in that was begun at a provider. */
type StartDetails = StartSecrets & {
  issuer: string
  redirectUrl: string
  returnTo: string | null
  link: LinkingSession | null
}

/** A sign-in whose callback belongs to the browser that began it. It is used up. */
export type FinishedStart = {
  provider: OpenedProvider
  details: StartDetails
  callback: Readonly<Record<string, string>>
}

/**
 * Begins a sign-in at a provider, or the link of a provider to the account of a signed-in user. Returns the address of the provider, and
 * the secret with which only the same browser can finish.
 *
 * @throws FlowError `not_found`, `insufficient_user_authentication`, `provider_failed`, `too_many_requests`.
 */
export async function startProvider(
  context: Context,
  { provider: name, returnTo }: { provider: string; returnTo?: string | undefined },
  authenticated: Authenticated | null,
  source: RequestSource,
): Promise<{ url: string; handle: string; expiresIn: number }> {
  await consumeQuota(context, 'provider', source)
  const provider = requireProvider(context, name)
  const link = authenticated === null ? null : await linkingSession(context, authenticated, source)
  const { clock, database, keyring, randomBytes, appUrl } = context
  const { secret: handle, hash } = newOneTimeSecret(randomBytes)
  const { secret: state, hash: stateHash } = newOneTimeSecret(randomBytes)
  const details: StartDetails = {
    state,
    nonce: randomBytes(32).toString('base64url'),
    verifier: randomBytes(32).toString('base64url'),
    issuer: provider.issuer,
    redirectUrl: `${appUrl}/api/auth/providers/${name}/callback`,
    returnTo: returnTo ?? null,
    link,
  }
  const url = await provider.authorizationUrl(details.redirectUrl, details).catch(refuse)
  const createdAt = clock()
  await addProviderStart(database, {
    hash,
    stateHash,
    provider: name,
    details: keyring.seal('provider', JSON.stringify(details), hash),
    userId: link?.userId ?? null,
    createdAt,
    expiresAt: createdAt + providerStartSeconds * 1000,
  })
  return { url, handle, expiresIn: providerStartSeconds }
}

async function linkingSession(
  context: Context,
  authenticated: Authenticated,
  source: RequestSource,
): Promise<LinkingSession> {
  const { user, session } = authenticated
  await requireStrongProof(context, authenticated)
  await consumeUserQuota(context, 'identity_change', user.id, source)
  return { userId: user.id, sessionId: session.id, version: user.version }
}

/**
 * Stores what a provider has sent in a cross-site form. Browsers send no cookie with such a form, so the sign-in is finished by the GET
 * that follows. The values must have the state of a sign-in that was begun and has no values yet.
 *
 * @throws FlowError `sign_in_expired`, `too_many_requests`.
 */
export async function holdProviderCallback(
  context: Context,
  { provider, callback }: { provider: string; callback: Readonly<Record<string, string>> },
  source: RequestSource,
): Promise<void> {
  await consumeQuota(context, 'provider', source)
  const { clock, database, keyring } = context
  const stateHash = oneTimeHash(callback.state ?? '')
  const hash =
    stateHash === null ? null : await findStartByState(database, { stateHash, provider, now: clock() })
  if (hash === null) throw expired('the callback has no start')
  const sealed = keyring.seal('provider callback', JSON.stringify(callback), hash)
  if (!(await holdCallback(database, hash, sealed))) throw expired('the callback was stored already')
}

/**
 * Returns the sign-in that this browser has begun at the provider, and uses it up. A callback with another state uses up nothing, so
 * another site cannot end the sign-in of a user.
 *
 * @throws FlowError `not_found`, `sign_in_expired`, `too_many_requests`.
 */
export async function takeStart(
  context: Context,
  { provider: name, callback }: { provider: string; callback: Readonly<Record<string, string>> },
  handle: string | null,
  source: RequestSource,
): Promise<FinishedStart> {
  await consumeQuota(context, 'provider', source)
  const { clock, database } = context
  const provider = requireProvider(context, name)
  const hash = oneTimeHash(handle ?? '')
  const found = hash === null ? null : await findProviderStart(database, hash, clock())
  // A callback of one provider must not finish a sign-in at another one (RFC 9700 section 4.4).
  if (found === null || found.provider !== name) throw expired('no start of this browser at this provider')
  const details = openDetails(context, found)
  if (!isEqual(details.state, callback.state ?? '')) throw expired('another state')
  const taken = await takeProviderStart(database, found.hash, clock())
  if (taken === null) throw expired('the start was used')
  // The settings have changed in the meantime. The code must not be sent to another provider.
  if (details.issuer !== provider.issuer) throw expired('the provider has another issuer now')
  return { provider, details, callback: heldCallback(context, taken) ?? callback }
}

function openDetails({ keyring }: Context, { hash, details }: ProviderStartRow): StartDetails {
  const opened = keyring.open('provider', details, hash)
  if (opened === null) throw expired('sealed under a secret that is no longer known')
  return JSON.parse(opened) as StartDetails
}

function heldCallback({ keyring }: Context, { hash, callback }: ProviderStartRow) {
  if (callback === null) return null
  const opened = keyring.open('provider callback', callback, hash)
  if (opened === null) throw expired('sealed under a secret that is no longer known')
  return JSON.parse(opened) as Record<string, string>
}

function requireProvider({ providers }: Context, name: string): OpenedProvider {
  const provider = providers.get(name)
  if (provider === undefined) throw new FlowError('not_found', { reason: 'no such provider' })
  return provider
}

function isEqual(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function expired(reason: string): FlowError {
  return new FlowError('sign_in_expired', { reason })
}

/** Throws the refusal for an error of a provider. The response contains no text of the provider. */
export function refuse(error: unknown): never {
  if (!(error instanceof ProviderError)) throw error
  const codes = {
    cancelled: 'provider_refused',
    expired: 'sign_in_expired',
    failed: 'provider_failed',
  } as const
  throw new FlowError(codes[error.kind], { reason: error.reason })
}
