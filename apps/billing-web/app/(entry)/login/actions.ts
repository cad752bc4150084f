'use server'

import { redirect } from 'next/navigation'
import { secondFactorAddress } from '../../../account/second-factor-address.ts'
import { safeReturnTo, signIn } from '../../../auth.ts'
import { atStep, type EntryState } from '../../../components/entry/entry-state.ts'
import { goOn } from '../../../components/entry/go-on.ts'
import { enterCode, requestCode } from '../../../components/entry/mailed-code.ts'
import { done, refusedBy, refusedFields, typed } from '../../../components/form/form-state.ts'

/**
 * One step of the sign-in. The first step takes the address and asks the auth server nothing, so the second step is the same for every
 * address. The second step takes the password, or requests a mailed code, which the third step takes.
 */
export async function signInStep(previous: EntryState, form: FormData): Promise<EntryState> {
  const values = typed(form, ['email', 'returnTo'])
  const intent = form.get('intent')
  const sent = { values, otherwise: 'password' } as const
  if (intent === 'back') return atStep('form', done(previous, values))
  if (form.has('code')) return enterCode(previous, form, sent)
  if (intent === 'mail' || intent === 'again') return requestCode(previous, form, sent)
  return form.has('password') ? enterPassword(previous, form, values) : enterAddress(previous, values)
}

function enterAddress(previous: EntryState, values: Record<string, string>): EntryState {
  if (/^\S+@\S+$/.test(values.email ?? '')) return atStep('password', done(previous, values))
  const email =
    values.email === '' ? 'Enter your email address.' : 'Enter a whole address, such as name@example.com.'
  return atStep('form', refusedFields(previous, values, { email }))
}

/** Signs the user in and redirects, if needed to the page for the second factor. For a wrong password and for an unknown address, the response is the same. */
async function enterPassword(
  previous: EntryState,
  form: FormData,
  values: Record<string, string>,
): Promise<EntryState> {
  const { email = '' } = values
  const { password = '' } = typed(form, ['password'])
  // If the page has no steps, it also asks for the address.
  const step = form.has('isOneStep') || email === '' ? 'form' : 'password'
  if (email === '' || password === '') {
    const missing = {
      ...(email === '' && { email: 'Enter your email address.' }),
      ...(password === '' && { password: 'Enter your password.' }),
    }
    return atStep(step, refusedFields(previous, values, missing))
  }
  const result = await signIn({ email, password })
  if (!result.ok) return atStep(step, refusedBy(result, previous, values, ['email', 'password']))
  const returnTo = safeReturnTo(values.returnTo)
  if (result.user === null) redirect(secondFactorAddress(returnTo))
  return goOn(returnTo)
}
