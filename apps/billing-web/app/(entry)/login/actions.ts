'use server'

import { redirect } from 'next/navigation'
import { secondFactorAddress } from '../../../account/second-factor-address.ts'
import { safeReturnTo, signIn } from '../../../auth.ts'
import { goOn } from '../../../components/entry/go-on.ts'
import { type FormState, refusedBy, refusedFields, typed } from '../../../components/form/form-state.ts'

/** Signs the user in and redirects, if needed to the page for the second factor. For a wrong password and for an unknown address, the response is the same. */
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
  if (result.user === null) redirect(secondFactorAddress(returnTo))
  return goOn(returnTo)
}
