'use server'

import { redirect } from 'next/navigation'
import { secondFactorAddress } from '../../../account/second-factor-address.ts'
import { account, passkeys, safeReturnTo, signUp } from '../../../auth.ts'
import { atStep, type EntryState } from '../../../components/entry/entry-state.ts'
import { sentAgain } from '../../../components/entry/sent-again.ts'
import { done, refusedBy, refusedFields, typed } from '../../../components/form/form-state.ts'
import { hasInbox } from '../../../components/inbox/has-inbox.ts'

/**
 * Creates the account and redirects. If the address must be confirmed first, or for a sign-up with a passkey, shows to which address a mail
 * was sent.
 */
export async function signUpByMail(previous: EntryState, form: FormData): Promise<EntryState> {
  const isPasskey = form.get('intent') === 'passkey' || form.get('way') === 'passkey'
  const values = { ...typed(form, ['name', 'email']), ...(isPasskey && { way: 'passkey' }) }
  const { name = '', email = '' }: Record<string, string> = values
  if (form.get('intent') === 'again')
    return sentAgain(previous, values, await account.resendVerification(email))
  if (form.get('intent') === 'back') return atStep('form', refusedFields(previous, { name, email }, {}))
  const { password = '' } = typed(form, ['password'])
  const missing = {
    ...(name.trim() === '' && { name: 'Enter your name.' }),
    ...(email === '' && { email: 'Enter your email address.' }),
    ...(password === '' && !isPasskey && { password: 'Choose a password.' }),
  }
  if (Object.keys(missing).length > 0)
    return atStep('form', refusedFields(previous, { name, email }, missing))
  if (isPasskey) {
    const asked = await passkeys.requestSignUp({ name, email })
    if (asked.ok) return atStep('mailed', done(previous, values), await hasInbox())
    return atStep('form', refusedBy(asked, previous, { name, email }, ['name', 'email']))
  }
  const result = await signUp({ name, email, password })
  if (!result.ok) return atStep('form', refusedBy(result, previous, values, ['name', 'email', 'password']))
  const returnTo = safeReturnTo(form.get('returnTo'))
  if (result.user !== null) redirect(returnTo)
  if (result.secondFactor !== null) redirect(secondFactorAddress(returnTo))
  return atStep('mailed', done(previous, values), await hasInbox())
}
