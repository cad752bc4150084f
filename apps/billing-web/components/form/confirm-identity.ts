import { account, auth } from '../../auth.ts'
import { type FormState, refusedBy, refusedFields, typed } from './form-state.ts'

/**
 * How long ago the user may have entered the password before a sensitive action, in seconds. The API allows a minute more, so that it does
 * not refuse what the pages have just allowed.
 */
export const confirmedWithinSeconds = 540

/**
 * Checks that the user has entered the password recently, for the action of a form. If the form contains the password, confirms it. Returns
 * null if the action may go on. Otherwise returns the state of the form, which then shows a field for the password and keeps its values.
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
  // The user has left the field empty.
  if (previous.asksPassword)
    return {
      ...refusedFields(previous, values, { password: 'Enter your password.' }),
      asksPassword: true,
    }
  if (await auth.meets({ maxAgeSeconds: confirmedWithinSeconds })) return null
  return { ...refusedFields(previous, values, {}), asksPassword: true }
}
