import { account, auth, secondFactors } from '../../auth.ts'
import { type FormState, refusedBy, refusedFields, typed } from './form-state.ts'

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
 * Checks that the user has proved recently who they are. The action of a form calls this function first. If the form contains the password
 * or a code, the auth server checks them. Returns null if the action may go on. Otherwise returns the state with which the form asks for
 * the password, and for a code if the user has a second factor. The form keeps its values.
 */
export async function confirmIdentity(
  previous: FormState,
  form: FormData,
  values: Record<string, string>,
  strength: Strength = 'recent',
): Promise<FormState | null> {
  const names = ['password', 'code', 'recoveryCode'].filter((name) => form.has(name))
  const given = Object.entries(typed(form, names)).filter(([, text]) => text.trim() !== '')
  const asksCode = form.has('code') || form.has('recoveryCode')
  if (given.length > 0) {
    const result = await account.confirmIdentity(Object.fromEntries(given))
    if (result.ok) return null
    const lacksCode = result.problem.errors?.some(({ field }) => field === 'code')
    return askingAgain(
      refusedBy(result, previous, values, ['password', 'code', 'recoveryCode']),
      asksCode || lacksCode,
    )
  }
  // The form has asked for the password, and the user has left the fields empty.
  if (names.length > 0) {
    const errors = Object.fromEntries(names.map((name) => [name, emptySentences[name] ?? '']))
    return askingAgain(refusedFields(previous, values, errors), asksCode)
  }
  if (await isConfirmed(strength)) return null
  return askingAgain(refusedFields(previous, values, {}), await hasSecondFactor())
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
  return hasSecondFactor()
}

/** Returns whether the user has a second factor. During an outage it returns false, and the auth server then checks it. */
export async function hasSecondFactor(): Promise<boolean> {
  const listed = await secondFactors.list()
  return listed.ok && listed.factors.length > 0
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

function askingAgain(state: FormState, asksCode = false): FormState {
  return { ...state, asksPassword: true, asksCode }
}
