'use server'

import { redirect } from 'next/navigation'
import { secondFactorAddress } from '../../../account/second-factor-address.ts'
import { account, safeReturnTo, signUp } from '../../../auth.ts'
import { atStep, type EntryState } from '../../../components/entry/entry-state.ts'
import { sentAgain } from '../../../components/entry/sent-again.ts'
import { done, refusedBy, refusedFields, typed } from '../../../components/form/form-state.ts'
import { hasInbox } from '../../../components/inbox/has-inbox.ts'

/** Creates the account and redirects. If the address must be confirmed first, shows to which address a mail was sent. */
export async function signUpByMail(previous: EntryState, form: FormData): Promise<EntryState> {
  const values = typed(form, ['name', 'email'])
  const { name = '', email = '' } = values
  if (form.get('intent') === 'again')
    return sentAgain(previous, values, await account.resendVerification(email))
  if (form.get('intent') === 'back') return atStep('form', refusedFields(previous, values, {}))
  const { password = '' } = typed(form, ['password'])
  const missing = {
    ...(name.trim() === '' && { name: 'Enter your name.' }),
    ...(email === '' && { email: 'Enter your email address.' }),
    ...(password === '' && { password: 'Choose a password.' }),
  }
  if (Object.keys(missing).length > 0) return atStep('form', refusedFields(previous, values, missing))
  const result = await signUp({ name, email, password })
  if (!result.ok) return atStep('form', refusedBy(result, previous, values, ['name', 'email', 'password']))
  const returnTo = safeReturnTo(form.get('returnTo'))
  if (result.user !== null) redirect(returnTo)
  if (result.secondFactor !== null) redirect(secondFactorAddress(returnTo))
  return atStep('mailed', done(previous, values), await hasInbox())
}
