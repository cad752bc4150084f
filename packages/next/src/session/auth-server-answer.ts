import {
  headers as headerNames,
  type Problem,
  problem,
  problemSchema,
  profileResponseSchema,
  type User,
} from '@sallyport/protocol'
import {
  bearerTokensSchema,
  identityLinkedSchema,
  type PendingSignInResponse,
  pendingSignInSchema,
  providerConfirmedSchema,
  recoveryCodesResponseSchema,
  signInResponseSchema,
  signUpMailedSchema,
} from '@sallyport/protocol/endpoints'
import type { Tokens } from './session-cookies.ts'

/** What came back: the response and its body. Both are null if there was no usable answer. */
export type Reply = { response: Response | null; json: unknown }

/** A refusal. `retryAfterSeconds` is present if the auth server sent `Retry-After`. */
export type Refused = { ok: false; problem: Problem; retryAfterSeconds?: number }
/** The answer of the auth server. */
export type Answered<T = unknown> = ({ ok: true } & T) | Refused
export type SignedIn = { ok: true; user: User; tokens: Tokens; device: string | null; pending?: undefined }
/**
 * The result of a sign-up that needs a verified address. The user is signed in when the mailed link is used. If the address already has an
 * account, no link was mailed.
 */
export type Mailed = { ok: true; user: null; tokens: null; pending?: undefined }
/**
 * The address was verified, and no session was opened: the user was already signed in to the account, or no session can be opened now.
 */
export type Verified = { ok: true; user: User; tokens: null; pending?: undefined }

/** The first factor was right, and a second one is missing. `handle` is the secret by which the browser continues the sign-in. */
export type Pending = {
  ok: true
  user: null
  tokens: null
  pending: Omit<PendingSignInResponse, 'pendingSignIn'>
  handle: string
}
/** The sign-in that required a new second factor is finished. The recovery codes are shown only once. */
export type SetUp = SignedIn & { recoveryCodes: string[] }

/** An outside provider was linked to the account of the user who is signed in, or has confirmed who the user is. No session begins. */
export type Linked = { ok: true; user: null; tokens: null; pending?: undefined }

/** The results of the endpoints that begin a session. */
type BegunBy = {
  signIn: SignedIn | Pending
  signUp: SignedIn | Mailed | Pending
  verifyAddress: SignedIn | Verified | Pending
  signInWithMailedCode: SignedIn | Pending
  confirmMailedSignIn: SignedIn | Pending
  proveSecondFactor: SignedIn
  finishSecondFactor: SetUp
  signInWithPasskey: SignedIn | Pending
  proveSecondFactorWithPasskey: SignedIn
  finishPasskeySetup: SignedIn
  signUpWithPasskey: SignedIn | Verified | Pending
  finishProvider: SignedIn | Pending | Linked
}
export type BeginningEndpoint = keyof BegunBy
export type Begun<Name extends BeginningEndpoint> = BegunBy[Name]

/** The forms that the answers of each endpoint can have. The first one that fits is the result. */
const forms: Record<BeginningEndpoint, readonly ((reply: Reply) => object | null)[]> = {
  signIn: [signedIn, pending],
  signUp: [signedIn, mailed, pending],
  verifyAddress: [signedIn, verified, pending],
  signInWithMailedCode: [signedIn, pending],
  confirmMailedSignIn: [signedIn, pending],
  proveSecondFactor: [signedIn],
  finishSecondFactor: [setUp],
  signInWithPasskey: [signedIn, pending],
  proveSecondFactorWithPasskey: [signedIn],
  finishPasskeySetup: [signedIn],
  signUpWithPasskey: [signedIn, verified, pending],
  finishProvider: [linked, signedIn, pending],
}

/** Returns the result of an endpoint that begins a session. */
export function begunBy<Name extends BeginningEndpoint>(name: Name, reply: Reply): Begun<Name> | Refused {
  for (const form of forms[name]) {
    const begun = form(reply)
    if (begun !== null) return begun as Begun<Name>
  }
  return refusal(reply)
}

function signedIn({ response, json }: Reply): SignedIn | null {
  const body = signInResponseSchema.safeParse(json)
  const tokens = bearerTokensSchema.safeParse(json)
  if (!response?.ok || !body.success || !tokens.success) return null
  const device = response.headers.get(headerNames.device)
  return { ok: true, user: body.data.user, tokens: tokens.data, device }
}

function mailed({ response, json }: Reply): Mailed | null {
  const isMailed = response?.status === 202 && signUpMailedSchema.safeParse(json).success
  return isMailed ? { ok: true, user: null, tokens: null } : null
}

function pending({ response, json }: Reply): Pending | null {
  const body = pendingSignInSchema.safeParse(json)
  if (response?.status !== 202 || !body.success || body.data.pendingSignIn === undefined) return null
  const { pendingSignIn: handle, ...known } = body.data
  return { ok: true, user: null, tokens: null, pending: known, handle }
}

function linked({ response, json }: Reply): Linked | null {
  const isLinked = identityLinkedSchema.safeParse(json).success
  return response?.ok && (isLinked || providerConfirmedSchema.safeParse(json).success)
    ? { ok: true, user: null, tokens: null }
    : null
}

function setUp(reply: Reply): SetUp | null {
  const begun = signedIn(reply)
  const codes = recoveryCodesResponseSchema.safeParse(reply.json)
  return begun !== null && codes.success ? { ...begun, ...codes.data } : null
}

function verified({ response, json }: Reply): Verified | null {
  const body = profileResponseSchema.safeParse(json)
  return response?.ok && body.success ? { ok: true, user: body.data.user, tokens: null } : null
}

/** Returns the problem that the auth server sent. If it is not well-formed, returns `unavailable`, which does not end the session. */
export function refusal({ response, json }: Reply): Refused {
  const parsed = problemSchema.safeParse(json)
  if (response !== null && !response.ok && parsed.success && parsed.data.status === response.status)
    return { ok: false, problem: parsed.data, ...retryAfter(response) }
  return {
    ok: false,
    problem: problem('unavailable', {
      detail: 'The sign-in service cannot be reached. Your session was not ended. Try again.',
    }),
  }
}

/** Reads `Retry-After` if it is a number of seconds. A date is ignored, because it would require synchronized clocks. */
function retryAfter({ headers }: Response): { retryAfterSeconds?: number } {
  const header = headers.get('retry-after')
  return header !== null && /^\d{1,7}$/.test(header) ? { retryAfterSeconds: Number(header) } : {}
}
