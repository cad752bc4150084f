'use server'

import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { safeReturnTo, signIn } from '../../../auth.ts'
import { addressOf } from '../../../billing/query.ts'
import { type FormState, refusedBy, refusedFields, typed } from '../../../components/form/form-state.ts'

/** Signs the user in and redirects. For a wrong password and for an unknown address, the response is the same. */
export async function signInAndGoOn(previous: FormState, form: FormData): Promise<FormState> {
  const values = typed(form, ['email'])
  const { email = '' } = values
  const { password = '' } = typed(form, ['password'])
  if (email === '' || password === '') {
    return refusedFields(previous, values, {
      ...(email === '' && { email: 'Enter your email address.' }),
      ...(password === '' && { password: 'Enter your password.' }),
    })
  }
  const result = await signIn({ email, password })
  if (!result.ok) return refusedBy(result, previous, values, ['email', 'password'])
  const returnTo = safeReturnTo(form.get('returnTo'))
  // If the browser runs no scripts, redirect to the sign-in page first. That page checks whether the browser has stored the cookies.
  const hasScripts = (await headers()).has('next-action')
  redirect(hasScripts ? returnTo : addressOf('/login', { signedIn: '1', returnTo }))
}
