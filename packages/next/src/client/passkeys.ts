import type { User } from '@sallyport/protocol'
import type { Passkey, PasskeysResponse } from '@sallyport/protocol/endpoints'
import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser'
import { ask, type PasskeyOptions, type PasskeyResult, send } from './passkey-ceremony.ts'

type RequestOptions = { options: PublicKeyCredentialRequestOptionsJSON; expiresIn: number }

/** Returns whether this browser can use passkeys on this page. Call it in an effect, because the server cannot know it. */
export function arePasskeysSupported(): boolean {
  return browserSupportsWebAuthn()
}

/**
 * Signs in with a passkey. The user chooses the passkey, and need not type an address. After success, navigate to the next page.
 *
 * With `autofill`, shows no dialog. The browser offers passkeys in the list of an `<input autocomplete="username webauthn">`, and the call
 * waits until the user chooses one. It ends when `signal` is aborted, or when another function for passkeys is called.
 */
export async function signInWithPasskey({
  autofill = false,
  ...options
}: PasskeyOptions & { autofill?: boolean } = {}): Promise<PasskeyResult<{ user: User }>> {
  if (!browserSupportsWebAuthn()) return { ok: false, reason: 'unsupported' }
  if (autofill && !(await browserSupportsWebAuthnAutofill())) return { ok: false, reason: 'unsupported' }
  for (;;) {
    const result = await signInOnce(options, autofill)
    // The page may stay open for hours, so before a challenge expires, the browser gets another one.
    if (!autofill || result.ok || result.reason !== 'timed_out') return result
  }
}

async function signInOnce(
  options: PasskeyOptions,
  autofill: boolean,
): Promise<PasskeyResult<{ user: User }>> {
  const path = '/api/auth/login/passkey'
  const started = await send<RequestOptions>('POST', `${path}/options`, {}, options.signal)
  if (!started.ok) return started
  const { options: optionsJSON, expiresIn } = started.body
  const dialog = () => startAuthentication({ optionsJSON, useBrowserAutofill: autofill })
  const asked = await ask(dialog, autofill ? { ...options, timeoutMs: (expiresIn - 30) * 1000 } : options)
  if (!asked.ok) return asked
  const credential = asked.answer
  const result = await send<{ user: User }>('POST', path, { credential }, options.signal)
  if (!result.ok) {
    if (result.reason === 'refused' && result.problem.errors?.some(({ field }) => field === 'credential.id'))
      await tellBrowser('signalUnknownCredential', { rpId: optionsJSON.rpId, credentialId: credential.id })
    return result
  }
  return { ok: true, user: result.body.user }
}

/**
 * Finishes a sign-in that needs a second factor with a passkey. Call it on the page for the second factor, if `factors` has `passkey`. With
 * `trustBrowser`, the user is not asked for the second factor in this browser for some time.
 */
export async function proveSecondFactorWithPasskey({
  trustBrowser = false,
  ...options
}: PasskeyOptions & { trustBrowser?: boolean } = {}): Promise<PasskeyResult<{ user: User }>> {
  const path = '/api/auth/login/second-factor/passkey'
  const result = await answerChallenge<{ user: User }>(path, options, { trustBrowser })
  return result.ok ? { ok: true, user: result.body.user } : result
}

/**
 * Sets up a passkey as the second factor that a sign-in requires, and finishes the sign-in. Call it on the page for the second factor, if
 * the status is `second_factor_setup_required` and `factors` has `passkey`. Without `name`, the passkey is named after its authenticator.
 */
export async function setUpPasskey({
  name,
  ...options
}: PasskeyOptions & { name?: string } = {}): Promise<PasskeyResult<{ user: User }>> {
  const path = '/api/auth/login/second-factor/setup/passkey'
  const result = await createPasskey<{ user: User }>({ start: `${path}/options`, finish: path }, options, {
    name,
  })
  return result.ok ? { ok: true, user: result.body.user } : result
}

/** The account that a mailed link for a sign-up with a passkey creates. */
export type PasskeySignUp = {
  /** The address of the account. The link was mailed to it. */
  email: string
  /** The name that was entered with the address. */
  name: string
}

type SignUpOptions = PasskeySignUp & { options: PublicKeyCredentialCreationOptionsJSON }

/**
 * Returns which account the mailed link of `passkeys.requestSignUp` creates. The token is in the fragment of the address of the page
 * (`/signup/passkey#token=…`). Uses nothing up, so a mail scanner that runs the scripts of the page ends nothing. The call is refused with
 * `link_invalid`.
 */
export async function describePasskeySignUp(
  token: string,
  { signal }: Pick<PasskeyOptions, 'signal'> = {},
): Promise<PasskeyResult<PasskeySignUp>> {
  const started = await send<SignUpOptions>('POST', '/api/auth/register/passkey/options', { token }, signal)
  return started.ok ? { ok: true, email: started.body.email, name: started.body.name } : started
}

/**
 * Creates an account with a passkey, by the mailed link of `passkeys.requestSignUp`, and signs the user in. Call it only after a click. After
 * success, navigate to the next page. Without `name`, the passkey is named after its authenticator.
 *
 * The call is refused with `link_invalid`, or with `passkey_refused` if the authenticator has not verified the user: then the link still
 * works.
 */
export async function signUpWithPasskey({
  token,
  name,
  ...options
}: PasskeyOptions & { token: string; name?: string }): Promise<PasskeyResult<{ user: User }>> {
  const path = '/api/auth/register/passkey'
  const paths = { start: `${path}/options`, finish: path }
  const result = await createPasskey<{ user: User }>(paths, options, { token, name }, { token })
  return result.ok ? { ok: true, user: result.body.user } : result
}

/**
 * Confirms with a passkey that it is the signed-in user. Then the session is fresh for ten minutes, and has two factors (`aal2`). Use it on
 * the confirm page (docs/step-up.md) beside the password.
 */
export async function confirmWithPasskey(options: PasskeyOptions = {}): Promise<PasskeyResult> {
  const result = await answerChallenge('/api/auth/reauthenticate/passkey', options)
  return result.ok ? { ok: true } : result
}

async function answerChallenge<T>(
  path: string,
  options: PasskeyOptions,
  members: object = {},
): Promise<PasskeyResult<{ body: T }>> {
  if (!browserSupportsWebAuthn()) return { ok: false, reason: 'unsupported' }
  const started = await send<RequestOptions>('POST', `${path}/options`, {}, options.signal)
  if (!started.ok) return started
  const asked = await ask(() => startAuthentication({ optionsJSON: started.body.options }), options)
  if (!asked.ok) return asked
  return send<T>('POST', path, { credential: asked.answer, ...members }, options.signal)
}

/**
 * Adds a passkey to the account of the signed-in user. Without `name`, the passkey is named after its authenticator.
 *
 * The call is refused with `insufficient_user_authentication` if the user authenticated more than ten minutes ago. Then lead the user to the
 * confirm page.
 */
export async function addPasskey({
  name,
  ...options
}: PasskeyOptions & { name?: string } = {}): Promise<PasskeyResult<{ passkey: Passkey }>> {
  const paths = { start: '/api/user/passkey-options', finish: '/api/user/passkeys' }
  const added = await createPasskey<Passkey>(paths, options, { name })
  return added.ok ? { ok: true, passkey: added.body } : added
}

async function createPasskey<T>(
  paths: { start: string; finish: string },
  options: PasskeyOptions,
  members: { name?: string | undefined; token?: string },
  startMembers: { token?: string } = {},
): Promise<PasskeyResult<{ body: T }>> {
  if (!browserSupportsWebAuthn()) return { ok: false, reason: 'unsupported' }
  const started = await send<{ options: PublicKeyCredentialCreationOptionsJSON }>(
    'POST',
    paths.start,
    startMembers,
    options.signal,
  )
  if (!started.ok) return started
  const asked = await ask(() => startRegistration({ optionsJSON: started.body.options }), options)
  if (!asked.ok) return asked
  // JSON omits members that are undefined.
  return send<T>('POST', paths.finish, { credential: asked.answer, ...members }, options.signal)
}

/**
 * Removes a passkey of the signed-in user, and tells the browser, so that it no longer offers the passkey. It is refused with
 * `insufficient_user_authentication` if the user authenticated more than ten minutes ago, and with `last_way_in` if the user could not sign
 * in any more.
 */
export async function removePasskey(
  id: string,
  { signal }: Pick<PasskeyOptions, 'signal'> = {},
): Promise<PasskeyResult> {
  const removed = await send('DELETE', `/api/user/passkeys/${id}`, null, signal)
  if (!removed.ok) return removed
  const listed = await send<PasskeysResponse>('GET', '/api/user/passkeys', null, signal)
  if (listed.ok) {
    const { rpId, userHandle: userId, passkeys } = listed.body
    const allAcceptedCredentialIds = passkeys.map((passkey) => passkey.id)
    await tellBrowser('signalAllAcceptedCredentials', { rpId, userId, allAcceptedCredentialIds })
  }
  return { ok: true }
}

/** Tells the browser about passkeys that are no longer valid. Not all browsers can use this. */
async function tellBrowser(
  signal: 'signalUnknownCredential' | 'signalAllAcceptedCredentials',
  about: object,
): Promise<void> {
  if (!browserSupportsWebAuthn()) return
  const known = PublicKeyCredential as unknown as Partial<Record<string, (about: object) => Promise<void>>>
  await known[signal]?.(about).catch(() => {})
}
