'use server'

import { redirect } from 'next/navigation'
import { account, auth } from '../../../auth.ts'
import { atStep, type EntryState } from '../../../components/entry/entry-state.ts'
import { notALink, refusedLink, sentLink } from '../../../components/entry/link-state.ts'
import { refusedFields, typed } from '../../../components/form/form-state.ts'

/**
 * Confirms a new address with the token of the mailed link. It also needs the session or the password of the account that requested the
 * change.
 */
export async function confirmNewAddress(previous: EntryState, form: FormData): Promise<EntryState> {
  const { token, values } = sentLink(form)
  if (token === '') return notALink(previous, values)
  const { password = '' } = typed(form, ['password'])
  const isSignedIn = (await auth()) !== null
  if (password === '' && !isSignedIn) {
    const fields = { password: 'Enter the password of the account that requested this address.' }
    return atStep('form', refusedFields(previous, values, fields))
  }
  const result = await account.confirmAddress({ token, ...(password !== '' && { password }) })
  if (!result.ok) return refusedLink(result, previous, values, ['password'])
  if (!isSignedIn) redirect('/login?notice=address-changed')
  // If the user has given a password, it may belong to another account than the one that is signed in here.
  redirect(password === '' ? '/profile/address?notice=changed' : '/verify-new-address?notice=confirmed')
}
