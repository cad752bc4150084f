'use server'

import { account, auth } from '../../../../auth.ts'
import { atStep, type EntryState } from '../../../../components/entry/entry-state.ts'
import { confirmOwner, refusedProof } from '../../../../components/form/confirm-identity.ts'
import { done, type FormState, refusedBy, typed } from '../../../../components/form/form-state.ts'
import { hasInbox } from '../../../../components/inbox/has-inbox.ts'

/** Requests a change of the address. The new address gets a link, and the old address gets a notice. */
export async function askForNewAddress(previous: EntryState, form: FormData): Promise<EntryState> {
  await auth.require({ returnTo: '/profile/address' })
  const values = typed(form, ['newEmail'])
  const { newEmail = '' } = values
  const missing = newEmail === '' ? { newEmail: 'Enter the new address.' } : {}
  const refused = await confirmOwner(previous, form, values, missing)
  if (refused !== null) return atStep('form', refused)
  const { password = '' } = typed(form, ['password'])
  const result = await account.changeAddress({ newEmail, ...(password !== '' && { password }) })
  const fieldNames = form.has('password') ? ['newEmail', 'password'] : ['newEmail']
  if (!result.ok) return atStep('form', await refusedProof(result, previous, values, fieldNames))
  return atStep('mailed', done(previous, values), await hasInbox())
}

/** Sends the link that confirms the current address again. */
export async function mailProof(previous: FormState): Promise<FormState> {
  await auth.require({ returnTo: '/profile/address' })
  const user = await auth.user()
  if (user === null) return refusedBy({ problem: null }, previous, {}, [])
  const result = await account.resendVerification(user.email)
  return result.ok ? done(previous, {}, `Sent to ${user.email}.`) : refusedBy(result, previous, {}, [])
}
