'use server'

import { redirect } from 'next/navigation'
import { account, auth } from '../../../../auth.ts'
import { isoDay } from '../../../../billing/calendar.ts'
import { addressOf } from '../../../../billing/query.ts'
import {
  done,
  type FormState,
  refusedBy,
  refusedFields,
  typed,
} from '../../../../components/form/form-state.ts'

const path = '/profile/data'

/** Confirms the password. Some pages require that the user has confirmed it a short time ago. */
export async function confirmPassword(previous: FormState, form: FormData): Promise<FormState> {
  await auth.require({ returnTo: path })
  const { password = '' } = typed(form, ['password'])
  if (password === '') return refusedFields(previous, {}, { password: 'Enter your password.' })
  const result = await account.confirmPassword(password)
  return result.ok ? done(previous, {}) : refusedBy(result, previous, {}, ['password'])
}

/** Marks the account for deletion, and redirects. */
export async function deleteAccount(previous: FormState, form: FormData): Promise<FormState> {
  await auth.require({ returnTo: path })
  const { password = '' } = typed(form, ['password'])
  if (password === '') return refusedFields(previous, {}, { password: 'Enter your password.' })
  const result = await account.delete(password)
  if (!result.ok) return refusedBy(result, previous, {}, ['password'])
  redirect(addressOf('/deleted', { on: isoDay(result.deleteAt) }))
}
