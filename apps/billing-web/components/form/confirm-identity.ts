import type { ActionResult } from '@sallyport/next/server'
import { cache } from 'react'
import { account, auth, secondFactors } from '../../auth.ts'
import { type Asks, asksNothing, type FormState, refusedBy, refusedFields, typed } from './form-state.ts'

/**
 * The maximum age, in seconds, of the last confirmation of the password when a sensitive action begins. The API allows a minute more, so
 * that it does not refuse what the pages have just allowed.
 */
export const confirmedWithinSeconds = 540

const emptySentences: Record<string, string> = {
  password: 'Enter your password.',
  code: 'Enter the code.',
  recoveryCode: 'Enter a recovery code.',
}

/** What an action requires: a recent authentication, or also the second factor of users who have one. */
type Strength = 'recent' | 'strongest'

/**
 * Returns with what the user can confirm in a form. During an outage, this is the password. The auth server then checks what the user has.
 */
export const ownProofs = cache(async (): Promise<{ hasPassword: boolean; hasApp: boolean }> => {
  const listed = await secondFactors.list()
  if (!listed.ok) return { hasPassword: true, hasApp: false }
  return { hasPassword: listed.hasPassword, hasApp: listed.factors.length > 0 }
})

/** Returns what a form must ask for if the user has not proved recently who they are. */
export async function asksNow(): Promise<Asks> {
  const { hasPassword, hasApp } = await ownProofs()
  return { asksPassword: hasPassword, asksCode: hasApp, asksElsewhere: !hasPassword && !hasApp }
}

/** Returns what a form must ask for before an action. */
export async function asksBefore(strength: Strength): Promise<Asks> {
  return (await isConfirmed(strength)) ? asksNothing : asksNow()
}

/**
 * Returns what a form must ask for before the account is deleted or gets another address: the password in any case, if the user has one,
 * and what {@link confirmOwner} checks.
 */
export async function asksOwner(): Promise<Asks> {
  const { hasPassword } = await ownProofs()
  if (!hasPassword) return asksBefore('strongest')
  return { asksPassword: true, asksCode: await needsCode(), asksElsewhere: false }
}

/**
 * Checks that the user has proved recently who they are. The action of a form calls this function first. If the form contains the password
 * or a code, the auth server checks them. Returns null if the action may go on. Otherwise returns the state with which the form asks for
 * the password and for a code, if the user has them, or leads to the confirm page. The form keeps its values.
 */
export async function confirmIdentity(
  previous: FormState,
  form: FormData,
  values: Record<string, string>,
  strength: Strength = 'recent',
): Promise<FormState | null> {
  const names = ['password', 'code', 'recoveryCode'].filter((name) => form.has(name))
  const given = Object.entries(typed(form, names)).filter(([, text]) => text.trim() !== '')
  const asks = { asksPassword: form.has('password'), asksCode: form.has('code') || form.has('recoveryCode') }
  if (given.length > 0) {
    const result = await account.confirmIdentity(Object.fromEntries(given))
    if (result.ok) return null
    const lacks = (name: string) => result.problem.errors?.some(({ field }) => field === name) ?? false
    return {
      ...refusedBy(result, previous, values, ['password', 'code', 'recoveryCode']),
      asksPassword: asks.asksPassword || lacks('password'),
      asksCode: asks.asksCode || lacks('code'),
    }
  }
  // The form has asked for the password or a code, and the user has left the fields empty.
  if (names.length > 0) {
    const errors = Object.fromEntries(names.map((name) => [name, emptySentences[name] ?? '']))
    return { ...refusedFields(previous, values, errors), ...asks }
  }
  if (await isConfirmed(strength)) return null
  return { ...refusedFields(previous, values, {}), ...(await asksNow()) }
}

/** Returns whether the user has proved recently who they are. */
export async function isConfirmed(strength: Strength): Promise<boolean> {
  if (!(await auth.meets({ maxAgeSeconds: confirmedWithinSeconds }))) return false
  return strength === 'recent' || !(await needsCode())
}

/**
 * Returns whether the user has a second factor and must prove it before a sensitive change. Use this for forms that ask for the password
 * anyway.
 */
export async function needsCode(): Promise<boolean> {
  if (await auth.meets({ maxAgeSeconds: confirmedWithinSeconds, acr: 'aal2' })) return false
  return (await ownProofs()).hasApp
}

/**
 * Checks the code of a form that asks for the password anyway. Returns null if the action may go on. Otherwise returns the state with which
 * the form asks for the code.
 *
 * @param passwordName The name of the password field.
 */
export async function confirmFactor(
  previous: FormState,
  form: FormData,
  values: Record<string, string>,
  passwordName = 'password',
): Promise<FormState | null> {
  if (!form.has('code')) {
    if (!(await needsCode())) return null
    return { ...refusedFields(previous, values, {}), asksCode: true }
  }
  const { code = '', [passwordName]: password = '' } = typed(form, ['code', passwordName])
  if (code.trim() === '')
    return { ...refusedFields(previous, values, { code: 'Enter the code.' }), asksCode: true }
  const result = await account.confirmIdentity({ password, code })
  if (result.ok) return null
  const { password: passwordError, ...fields } = refusedBy(result, previous, values, [
    'password',
    'code',
  ]).fields
  return {
    ...refusedBy(result, previous, values, ['password', 'code']),
    fields: { ...fields, ...(passwordError !== undefined && { [passwordName]: passwordError }) },
    asksCode: true,
  }
}

/**
 * Checks who the user is before the account is deleted or gets another address. The form of a user who has a password contains it, and the
 * auth server checks it with the action. `missing` are the errors of fields that the user has left empty. Returns null if the action may go
 * on.
 */
export async function confirmOwner(
  previous: FormState,
  form: FormData,
  values: Record<string, string>,
  missing: Record<string, string> = {},
): Promise<FormState | null> {
  const errors = { ...missing, ...(form.get('password') === '' && { password: 'Enter your password.' }) }
  if (Object.keys(errors).length > 0)
    return { ...refusedFields(previous, values, errors), asksCode: form.has('code') }
  if (form.has('password')) return confirmFactor(previous, form, values)
  return confirmIdentity(previous, form, values, 'strongest')
}

/**
 * Returns the state of a form after the auth server has refused its action. If the last proof was too old or too weak, the form asks for
 * another one.
 */
export async function refusedProof(
  refusal: Extract<ActionResult, { ok: false }>,
  previous: FormState,
  values: FormState['values'],
  fieldNames: readonly string[],
): Promise<FormState> {
  const { code, acr } = refusal.problem
  if (code !== 'insufficient_user_authentication') return refusedBy(refusal, previous, values, fieldNames)
  const asks = await asksNow()
  // A form can ask only for the code of an app. If the second factor is a passkey, the confirm page asks for it.
  const needsPasskey = acr === 'aal2' && !asks.asksCode
  return {
    ...refusedFields(previous, values, {}),
    ...(needsPasskey ? { ...asksNothing, asksElsewhere: true } : asks),
  }
}
