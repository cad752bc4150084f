import { account, auth } from '../../auth.ts'
import { type FormState, refusedBy, refusedFields, typed } from './form-state.ts'

/**
 * The maximum age, in seconds, of the last confirmation of the password when a sensitive action begins. The API allows a minute more, so
 * that it does not refuse what the pages have just allowed.
 */
export const confirmedWithinSeconds = 540

/**
 * Checks that the user has entered the password recently. The action of a form calls this function first. If the form contains the
 * password, the auth server checks the password. Returns null if the action may go on. Otherwise returns the state with which the form asks
 * for the password and keeps its values.
 */
export async function confirmIdentity(
  previous: FormState,
  form: FormData,
  values: Record<string, string>,
): Promise<FormState | null> {
  const { password = '' } = typed(form, ['password'])
  if (password !== '') {
    const result = await account.confirmPassword(password)
    if (result.ok) return null
    return { ...refusedBy(result, previous, values, ['password']), asksPassword: true }
  }
  // The form has asked for the password, and the user has left the field empty.
  if (previous.asksPassword)
    return {
      ...refusedFields(previous, values, { password: 'Enter your password.' }),
      asksPassword: true,
    }
  if (await auth.meets({ maxAgeSeconds: confirmedWithinSeconds })) return null
  return { ...refusedFields(previous, values, {}), asksPassword: true }
}
