'use server'

import { account, auth, changePassword } from '../../../../auth.ts'
import { atStep, type EntryState } from '../../../../components/entry/entry-state.ts'
import { confirmFactor } from '../../../../components/form/confirm-identity.ts'
import {
  done,
  type FormState,
  refusedBy,
  refusedFields,
  typed,
} from '../../../../components/form/form-state.ts'
import { hasInbox } from '../../../../components/inbox/has-inbox.ts'

/** Changes the user's password. All other sessions of the user end. */
export async function saveNewPassword(previous: FormState, form: FormData): Promise<FormState> {
  await auth.require()
  const { currentPassword = '', newPassword = '' } = typed(form, ['currentPassword', 'newPassword'])
  if (currentPassword === '' || newPassword === '') {
    const missing = {
      ...(currentPassword === '' && { currentPassword: 'Enter your current password.' }),
      ...(newPassword === '' && { newPassword: 'Enter a new password.' }),
    }
    return { ...refusedFields(previous, {}, missing), asksCode: form.has('code') }
  }
  const refused = await confirmFactor(previous, form, {}, 'currentPassword')
  if (refused !== null) return refused
  const result = await changePassword({ currentPassword, newPassword })
  return result.ok
    ? done(previous, {}, 'Your password is changed. All other sessions have been signed out.')
    : refusedBy(result, previous, {}, ['currentPassword', 'newPassword'])
}

/**
 * Mails a link to the user's own address, with which a user without a password sets one. The mail proves that the user is the owner, so a
 * stolen session cannot add a password.
 */
export async function mailFirstPassword(previous: EntryState): Promise<EntryState> {
  await auth.require({ returnTo: '/profile/password' })
  const user = await auth.user()
  const result = user && (await account.forgotPassword(user.email))
  if (!result?.ok) return atStep('form', refusedBy(result ?? { problem: null }, previous, {}, []))
  return atStep('mailed', done(previous, {}), await hasInbox())
}
