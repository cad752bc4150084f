'use server'

import { redirect } from 'next/navigation'
import { safeReturnTo, signUp } from '../../../auth.ts'
import { type FormState, refusedBy, refusedFields, typed } from '../../../components/form/form-state.ts'

/** Creates the account, signs in and leads on. */
export async function signUpAndGoOn(previous: FormState, form: FormData): Promise<FormState> {
  const values = typed(form, ['name', 'email'])
  const { name = '', email = '' } = values
  const { password = '' } = typed(form, ['password'])
  const missing = {
    ...(name.trim() === '' && { name: 'Enter your name.' }),
    ...(email === '' && { email: 'Enter your email address.' }),
    ...(password === '' && { password: 'Choose a password.' }),
  }
  if (Object.keys(missing).length > 0) return refusedFields(previous, values, missing)
  const result = await signUp({ name, email, password })
  if (!result.ok) return refusedBy(result.problem, previous, values, ['name', 'email', 'password'])
  redirect(safeReturnTo(form.get('returnTo')))
}
