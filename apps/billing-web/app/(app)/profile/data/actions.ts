'use server'

import { redirect } from 'next/navigation'
import { account, auth } from '../../../../auth.ts'
import { isoDay } from '../../../../billing/calendar.ts'
import { addressOf } from '../../../../billing/query.ts'
import { confirmIdentity, confirmOwner, refusedProof } from '../../../../components/form/confirm-identity.ts'
import { done, type FormState, typed } from '../../../../components/form/form-state.ts'

const path = '/profile/data'

/** Confirms the password and a code, if the user has them. The download requires it. */
export async function confirmForDownload(previous: FormState, form: FormData): Promise<FormState> {
  await auth.require({ returnTo: path })
  return (await confirmIdentity(previous, form, {}, 'strongest')) ?? done(previous, {})
}

/** Marks the account for deletion, and redirects. */
export async function deleteAccount(previous: FormState, form: FormData): Promise<FormState> {
  await auth.require({ returnTo: path })
  const refused = await confirmOwner(previous, form, {})
  if (refused !== null) return refused
  const { password = '' } = typed(form, ['password'])
  const result = password === '' ? await account.delete() : await account.delete(password)
  if (!result.ok) return refusedProof(result, previous, {}, form.has('password') ? ['password'] : [])
  redirect(addressOf('/deleted', { on: isoDay(result.deleteAt) }))
}
