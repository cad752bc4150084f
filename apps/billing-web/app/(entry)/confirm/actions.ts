'use server'

import { redirect } from 'next/navigation'
import { auth, safeReturnTo } from '../../../auth.ts'
import { addressOf } from '../../../billing/query.ts'
import { confirmIdentity } from '../../../components/form/confirm-identity.ts'
import type { FormState } from '../../../components/form/form-state.ts'

/** Confirms the password, and a code if the user has a second factor. Redirects to the page that required it. */
export async function confirmAndGoOn(previous: FormState, form: FormData): Promise<FormState> {
  const returnTo = safeReturnTo(form.get('returnTo'))
  await auth.require({ returnTo: addressOf('/confirm', { returnTo }) })
  const refused = await confirmIdentity(previous, form, {}, 'strongest')
  if (refused !== null) return refused
  redirect(returnTo)
}
