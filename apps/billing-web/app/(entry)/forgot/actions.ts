'use server'

import { account } from '../../../auth.ts'
import { atStep, type EntryState, firstStep } from '../../../components/entry/entry-state.ts'
import { sentAgain } from '../../../components/entry/sent-again.ts'
import { done, refusedBy, refusedFields, typed } from '../../../components/form/form-state.ts'
import { hasInbox } from '../../../components/inbox/has-inbox.ts'

/** Requests a link for a new password. The response is the same for every address. */
export async function askForNewPassword(previous: EntryState, form: FormData): Promise<EntryState> {
  const values = typed(form, ['email'])
  const { email = '' } = values
  if (form.get('intent') === 'back')
    return { ...firstStep, values, answers: previous.answers + 1, isDone: true }
  if (email === '')
    return atStep('form', refusedFields(previous, values, { email: 'Enter your email address.' }))
  const result = await account.forgotPassword(email)
  if (form.get('intent') === 'again') return sentAgain(previous, values, result)
  if (!result.ok) return atStep('form', refusedBy(result, previous, values, ['email']))
  return atStep('mailed', done(previous, values), await hasInbox())
}
