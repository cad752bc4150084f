'use server'

import { auth, changePassword } from '../../../../auth.ts'
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
    return refusedFields(
      previous,
      {},
      {
        ...(currentPassword === '' && { currentPassword: 'Enter your current password.' }),
        ...(newPassword === '' && { newPassword: 'Enter a new password.' }),
      },
    )
  }
  const result = await changePassword({ currentPassword, newPassword })
  return result.ok
    ? done(previous, {}, 'Your password is changed. All other sessions have been signed out.')
    : refusedBy(result, previous, {}, ['currentPassword', 'newPassword'])
}
