'use server'

import { redirect } from 'next/navigation'
import { account, auth } from '../../../auth.ts'
import type { EntryState } from '../../../components/entry/entry-state.ts'
import { notALink, refusedLink, sentLink } from '../../../components/entry/link-state.ts'

/** Puts a new address in place by the link that was mailed to it. */
export async function confirmNewAddress(previous: EntryState, form: FormData): Promise<EntryState> {
  const { token, values } = sentLink(form)
  if (token === '') return notALink(previous, values)
  const result = await account.confirmAddress(token)
  if (!result.ok) return refusedLink(result, previous, values, [])
  redirect((await auth()) === null ? '/login?notice=address-changed' : '/profile/address?notice=changed')
}
