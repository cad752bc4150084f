'use server'

import { redirect } from 'next/navigation'
import { account } from '../../../auth.ts'
import { atStep, type EntryState } from '../../../components/entry/entry-state.ts'
import { notALink, refusedLink, sentLink } from '../../../components/entry/link-state.ts'
import { refusedFields, typed } from '../../../components/form/form-state.ts'

/** Sets a new password with the token of the mailed link. Afterwards the user must sign in with the new password. */
export async function chooseNewPassword(previous: EntryState, form: FormData): Promise<EntryState> {
  const { token, values } = sentLink(form)
  if (token === '') return notALink(previous, values)
  const { newPassword = '' } = typed(form, ['newPassword'])
  if (newPassword === '')
    return atStep('form', refusedFields(previous, values, { newPassword: 'Choose a password.' }))
  const result = await account.resetPassword({ token, newPassword })
  if (!result.ok) return refusedLink(result, previous, values, ['newPassword'])
  redirect('/login?notice=password-reset')
}
