'use server'

import { redirect } from 'next/navigation'
import { secondFactorAddress } from '../../../../account/second-factor-address.ts'
import { account } from '../../../../auth.ts'
import { atStep, type EntryState } from '../../../../components/entry/entry-state.ts'
import { notALink, refusedLink, sentLink } from '../../../../components/entry/link-state.ts'
import { refusedFields, typed } from '../../../../components/form/form-state.ts'

/** Creates the account of a sign-up with a passkey with a password instead, and signs the user in. */
export async function signUpWithPassword(previous: EntryState, form: FormData): Promise<EntryState> {
  const { token, values } = sentLink(form)
  if (token === '') return notALink(previous, values)
  const { password = '' } = typed(form, ['password'])
  if (password === '')
    return atStep('form', refusedFields(previous, values, { password: 'Choose a password.' }))
  const result = await account.verifyAddress({ token, password })
  if (!result.ok) return refusedLink(result, previous, values, ['password'])
  redirect(result.user === null ? secondFactorAddress('/dashboard') : '/dashboard')
}
