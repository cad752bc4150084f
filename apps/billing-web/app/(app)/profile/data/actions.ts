'use server'

import { redirect } from 'next/navigation'
import { account, auth } from '../../../../auth.ts'
import { isoDay } from '../../../../billing/calendar.ts'
import { addressOf } from '../../../../billing/query.ts'
import { confirmFactor, confirmIdentity } from '../../../../components/form/confirm-identity.ts'
import {
  done,
  type FormState,
  refusedBy,
  refusedFields,
  typed,
} from '../../../../components/form/form-state.ts'

const path = '/profile/data'

/** Confirms the password, and a code if the user has a second factor. The download requires it. */
export async function confirmForDownload(previous: FormState, form: FormData): Promise<FormState> {
  await auth.require({ returnTo: path })
  return (await confirmIdentity(previous, form, {}, 'strongest')) ?? done(previous, {})
}

/** Marks the account for deletion, and redirects. */
export async function deleteAccount(previous: FormState, form: FormData): Promise<FormState> {
  await auth.require({ returnTo: path })
  const { password = '' } = typed(form, ['password'])
  if (password === '')
    return {
      ...refusedFields(previous, {}, { password: 'Enter your password.' }),
      asksCode: form.has('code'),
    }
  const refused = await confirmFactor(previous, form, {})
  if (refused !== null) return refused
  const result = await account.delete(password)
  if (!result.ok) return refusedBy(result, previous, {}, ['password'])
  redirect(addressOf('/deleted', { on: isoDay(result.deleteAt) }))
}
