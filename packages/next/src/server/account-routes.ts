import { paths } from '@sallyport/protocol'
import type { Answered, Caller, Issuer } from '../session/auth-server-client.ts'
import type { Outcome } from '../session/call-as-user.ts'
import { confirmAddress } from '../session/confirm-address.ts'
import {
  changeOwnAddress,
  confirmOwnPassword,
  deleteOwnAccount,
  listOwnActivity,
  readOwnData,
  readOwnProfile,
  updateOwnProfile,
} from '../session/own-account.ts'
import { resolveSession } from '../session/resolve-session.ts'
import { cookieHeaderAfter } from '../session/session-cookies.ts'
import { type Visitor, verifyAddress } from '../session/verify-address.ts'
import { emptyResponse, jsonResponse, refusal, withCookies } from './answers.ts'
import { callAsUser, changesOf, type Incoming, withBody } from './incoming.ts'

/** What the browser's own scripts may ask about an account, under the auth server's own paths. */
export const accountRoutes = {
  [paths.passwordForgot]: { POST: asAnybody((issuer, ...sent) => issuer.forgotPassword(...sent), accepted) },
  [paths.passwordReset]: {
    POST: asAnybody((issuer, ...sent) => issuer.resetPassword(...sent), emptyResponse),
  },
  [paths.emailVerification]: {
    POST: asAnybody((issuer, ...sent) => issuer.resendVerification(...sent), accepted),
  },
  [paths.emailVerify]: { POST: proveAddress },
  [paths.emailChange]: { POST: changeAddress },
  [paths.emailChangeConfirm]: { POST: proveNewAddress },
  [paths.reauthenticate]: { POST: reauthenticate },
  [paths.activity]: { GET: listActivity },
  [paths.data]: { GET: downloadData },
}

/** `GET user/profile`: the caller's own record. */
export function readProfile(incoming: Incoming): Promise<Response> {
  return callAsUser(incoming, readOwnProfile, ({ user }) => jsonResponse({ user }))
}

/** `PATCH user/profile`: the name, and the product's own fields. */
export function updateProfile(incoming: Incoming): Promise<Response> {
  return withBody(incoming, (json) =>
    callAsUser(
      incoming,
      (own) => updateOwnProfile(own, json),
      ({ user }) => jsonResponse({ user }),
    ),
  )
}

/** `DELETE user/profile`: the account, after its grace. Nobody is signed in any more. */
export function deleteAccount(incoming: Incoming): Promise<Response> {
  return withBody(incoming, (json) =>
    callAsUser(
      incoming,
      (own) => deleteOwnAccount(own, json),
      ({ deleteAt }) => jsonResponse({ deleteAt }, { status: 202 }),
    ),
  )
}

/** What needs no session: an address or a mailed secret says enough. */
function asAnybody(
  ask: (issuer: Issuer, json: string, caller: Caller) => Promise<Answered>,
  answered: () => Response,
): (incoming: Incoming) => Promise<Response> {
  return (incoming) =>
    withBody(incoming, async (json) => {
      const answer = await ask(incoming.runtime.issuer, json, incoming.caller)
      return answer.ok ? answered() : refusal(answer)
    })
}

/** `POST email/verify`: signs in, but whoever is signed in to the account already. */
function proveAddress(incoming: Incoming): Promise<Response> {
  return asVisitor(incoming, verifyAddress, ({ user }) => jsonResponse({ user }))
}

/** `POST email/change/confirm`: with the session or the password of the account that asked. */
function proveNewAddress(incoming: Incoming): Promise<Response> {
  return asVisitor(incoming, confirmAddress, emptyResponse)
}

/** What somebody may do with a session or without one. */
function asVisitor<T>(
  incoming: Incoming,
  what: (visitor: Visitor, json: string) => Promise<Outcome<T>>,
  answered: (answer: Extract<Answered<T>, { ok: true }>) => Response,
): Promise<Response> {
  const { runtime, caller, cookieHeader } = incoming
  return withBody(incoming, async (json) => {
    const resolved = await resolveSession(runtime, cookieHeader, caller, () => true)
    const before = changesOf(resolved)
    const visitor = {
      runtime,
      session: resolved.kind === 'signedIn' ? resolved : null,
      cookieHeader: cookieHeaderAfter(cookieHeader, before),
      caller,
      mayRenew: () => true,
    }
    const { answer, changes } = await what(visitor, json)
    return withCookies(
      answer.ok ? answered(answer) : refusal(answer),
      changes.length > 0 ? changes : before,
      runtime,
    )
  })
}

function changeAddress(incoming: Incoming): Promise<Response> {
  return withBody(incoming, (json) => callAsUser(incoming, (own) => changeOwnAddress(own, json), accepted))
}

function reauthenticate(incoming: Incoming): Promise<Response> {
  return withBody(incoming, (json) =>
    callAsUser(incoming, (own) => confirmOwnPassword(own, json), emptyResponse),
  )
}

function listActivity(incoming: Incoming): Promise<Response> {
  return callAsUser(incoming, listOwnActivity, ({ activity }) => jsonResponse({ activity }))
}

function downloadData(incoming: Incoming): Promise<Response> {
  const headers = { 'content-disposition': 'attachment; filename="my-data.json"' }
  return callAsUser(incoming, readOwnData, ({ data }) => jsonResponse(data, { headers }))
}

function accepted(): Response {
  return jsonResponse({ status: 'accepted' }, { status: 202 })
}
