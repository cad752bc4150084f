'use server'

import { redirect } from 'next/navigation'
import { auth, safeReturnTo, signOut } from '../../../auth.ts'
import { addressOf } from '../../../billing/query.ts'
import { confirmIdentity } from '../../../components/form/confirm-identity.ts'
import type { FormState } from '../../../components/form/form-state.ts'

/** Confirms the password and a code, if the user has them. Redirects to the page that required it. */
export async function confirmAndGoOn(previous: FormState, form: FormData): Promise<FormState> {
  const returnTo = safeReturnTo(form.get('returnTo'))
  await auth.require({ returnTo: addressOf('/confirm', { returnTo }) })
  const refused = await confirmIdentity(previous, form, {}, 'strongest')
  if (refused !== null) return refused
  redirect(returnTo)
}

/**
 * Signs the user out, and opens the sign-in page. After the new sign-in, the page opens that required a recent authentication. Everybody may
 * end their session, so there is no check.
 */
export async function signInAgain(form: FormData): Promise<void> {
  const returnTo = safeReturnTo(form.get('returnTo'))
  const result = await signOut()
  redirect(addressOf('/login', { notice: result.ok ? null : 'sign-out-unconfirmed', returnTo }))
}
