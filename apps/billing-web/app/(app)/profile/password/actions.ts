'use server'

import { auth, changePassword } from '../../../../auth.ts'
import { confirmFactor } from '../../../../components/form/confirm-identity.ts'
import {
  done,
  type FormState,
  refusedBy,
  refusedFields,
  typed,
} from '../../../../components/form/form-state.ts'

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
