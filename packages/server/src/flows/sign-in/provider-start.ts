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
import { requireMayConfirm } from './provider-confirmation.ts'
import { requireStrongProof } from './reauthenticate.ts'
import type { StartSession } from './start-session.ts'

/** Seconds for which the user can come back from the provider. */
export const providerStartSeconds = 600

/** What is stored, encrypted, about a sign-in that was begun at a provider. */
type StartDetails = StartSecrets & {
  issuer: string
  redirectUrl: string
  returnTo: string | null
  /** When this was begun, in milliseconds since 1970. */
  startedAt: number
} & ({ purpose: 'sign_in'; session: null } | { purpose: 'link' | 'confirm'; session: StartSession })

/** A sign-in whose callback belongs to the browser that began it. It is used up. */
export type FinishedStart = {
  provider: OpenedProvider
  details: StartDetails
  callback: Readonly<Record<string, string>>
}

/**
 * Begins a sign-in at a provider. With a signed-in user, links the provider to the account or confirms who the user is. Returns the address
 * of the provider, and the secret with which only the same browser can finish.
 *
 * @throws FlowError `not_found`, `insufficient_user_authentication`, `provider_unconfirmed`, `identity_mismatch`, `provider_failed`,
 * `too_many_requests`.
 */
export async function startProvider(
  context: Context,
  { provider: name, returnTo }: { provider: string; returnTo?: string | undefined },
  own: { purpose: 'link' | 'confirm'; authenticated: Authenticated } | null,
  source: RequestSource,
): Promise<{ url: string; handle: string; expiresIn: number }> {
  await consumeQuota(context, 'provider', source)
  const provider = requireProvider(context, name)
  if (own?.purpose === 'link') await requireMayLink(context, own.authenticated, source)
  if (own?.purpose === 'confirm') await requireMayConfirm(context, own.authenticated, provider)
  const { clock, database, keyring, randomBytes, appUrl } = context
  const { secret: handle, hash } = newOneTimeSecret(randomBytes)
  const { secret: state, hash: stateHash } = newOneTimeSecret(randomBytes)
  const createdAt = clock()
  const details: StartDetails = {
    ...(own === null
      ? { purpose: 'sign_in', session: null }
      : { purpose: own.purpose, session: sessionOf(own.authenticated) }),
    state,
    nonce: randomBytes(32).toString('base64url'),
    verifier: randomBytes(32).toString('base64url'),
    issuer: provider.issuer,
    redirectUrl: `${appUrl}/api/auth/providers/${name}/callback`,
    returnTo: returnTo ?? null,
    startedAt: createdAt,
  }
  const mustAuthenticate = details.purpose === 'confirm'
  const url = await provider.authorizationUrl(details.redirectUrl, details, mustAuthenticate).catch(refuse)
  await addProviderStart(database, {
    hash,
    stateHash,
    provider: name,
    details: keyring.seal('provider', JSON.stringify(details), hash),
    userId: details.session?.userId ?? null,
    createdAt,
    expiresAt: createdAt + providerStartSeconds * 1000,
  })
  return { url, handle, expiresIn: providerStartSeconds }
}

function sessionOf({ user, session }: Authenticated): StartSession {
  return { userId: user.id, sessionId: session.id, version: user.version }
}

async function requireMayLink(
  context: Context,
  authenticated: Authenticated,
  source: RequestSource,
): Promise<void> {
  await requireStrongProof(context, authenticated)
  await consumeUserQuota(context, 'identity_change', authenticated.user.id, source)
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
 * If the start belongs to a session, as for a link, the caller must have the same session. Otherwise somebody who can set cookies in the
 * browser of a user could give it a start of their own, and link their identity to the account of the user.
 *
 * @param authenticate Returns the session of the caller. It is called only if the start belongs to a session, and it throws if there is none.
 * @throws FlowError `not_found`, `sign_in_expired`, `too_many_requests`, and the errors of `authenticate`.
 */
export async function takeStart(
  context: Context,
  { provider: name, callback }: { provider: string; callback: Readonly<Record<string, string>> },
  handle: string | null,
  authenticate: () => Promise<Authenticated>,
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
  if (details.session !== null && (await authenticate()).session.id !== details.session.sessionId)
    throw expired('another session has begun this')
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
