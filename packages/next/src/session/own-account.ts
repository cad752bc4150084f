import type { Activity, User } from '@sallyport/protocol'
import { callAsUser, endHere, type Outcome, type OwnSession, renewAfresh } from './call-as-user.ts'

// `json` goes to the auth server as it is, here as everywhere: it alone judges what a browser has sent.

/** This person's own record. */
export function readOwnProfile(own: OwnSession): Promise<Outcome<{ user: User }>> {
  return callAsUser(own, ({ issuer }, accessToken) => issuer.profile(accessToken, own.caller))
}

/** Changes this person's own record. */
export function updateOwnProfile(own: OwnSession, json: string): Promise<Outcome<{ user: User }>> {
  return callAsUser(own, ({ issuer }, accessToken) => issuer.updateProfile(json, accessToken, own.caller))
}

/** What has happened in this person's account. */
export function listOwnActivity(own: OwnSession): Promise<Outcome<{ activity: Activity[] }>> {
  return callAsUser(own, ({ issuer }, accessToken) => issuer.activity(accessToken, own.caller))
}

/** Everything that is stored about this person. */
export function readOwnData(own: OwnSession): Promise<Outcome<{ data: unknown }>> {
  return callAsUser(own, ({ issuer }, accessToken) => issuer.data(accessToken, own.caller))
}

/** Asks for another address; nothing changes before it is proven. */
export function changeOwnAddress(own: OwnSession, json: string): Promise<Outcome> {
  return callAsUser(own, ({ issuer }, accessToken) => issuer.changeAddress(json, accessToken, own.caller))
}

/** Checks the password again, and carries on with tokens that say when that was. */
export async function confirmOwnPassword(own: OwnSession, json: string): Promise<Outcome> {
  const { answer, changes, asked } = await callAsUser(own, ({ issuer }, accessToken) =>
    issuer.reauthenticate(json, accessToken, own.caller),
  )
  return { answer, changes: answer.ok ? await renewAfresh(asked, changes) : changes }
}

/** Marks the account for deletion; nobody is signed in to it any more. */
export async function deleteOwnAccount(
  own: OwnSession,
  json: string,
): Promise<Outcome<{ deleteAt: number }>> {
  const { answer, changes, asked } = await callAsUser(own, ({ issuer }, accessToken) =>
    issuer.deleteAccount(json, accessToken, own.caller),
  )
  return { answer, changes: answer.ok ? endHere(asked) : changes }
}
