'use server'

import { redirect } from 'next/navigation'
import { secondFactorAddress } from '../../../account/second-factor-address.ts'
import { account, auth } from '../../../auth.ts'
import { atStep, type EntryState, firstStep } from '../../../components/entry/entry-state.ts'
import { notALink, refusedLink, sentLink } from '../../../components/entry/link-state.ts'
import { sentAgain } from '../../../components/entry/sent-again.ts'
import { done, refusedBy, refusedFields, typed } from '../../../components/form/form-state.ts'
import { hasInbox } from '../../../components/inbox/has-inbox.ts'

/** Confirms an address with the token of the mailed link and the password that was chosen at sign-up, and signs the user in. */
export async function proveAddress(previous: EntryState, form: FormData): Promise<EntryState> {
  const { token, values } = sentLink(form)
  if (token === '') return notALink(previous, values)
  const { password = '' } = typed(form, ['password'])
  // If the user is signed in to the account, the password is not needed. The auth server checks this.
  if (password === '' && (await auth()) === null)
    return atStep('form', refusedFields(previous, values, { password: 'Enter your password.' }))
  const result = await account.verifyAddress({ token, ...(password !== '' && { password }) })
  if (!result.ok) return refusedLink(result, previous, values, ['password'])
  redirect(result.user === null ? secondFactorAddress('/dashboard') : '/dashboard')
}

/** Requests the link again. The response is the same for every address. */
export async function askForLink(previous: EntryState, form: FormData): Promise<EntryState> {
  const values = typed(form, ['email'])
  const { email = '' } = values
  if (form.get('intent') === 'back')
    return { ...firstStep, values, answers: previous.answers + 1, isDone: true }
  if (email === '')
    return atStep('form', refusedFields(previous, values, { email: 'Enter your email address.' }))
  const result = await account.resendVerification(email)
  if (form.get('intent') === 'again') return sentAgain(previous, values, result)
  if (!result.ok) return atStep('form', refusedBy(result, previous, values, ['email']))
  return atStep('mailed', done(previous, values), await hasInbox())
}
