'use server'

import { redirect } from 'next/navigation'
import { signOut } from '../../auth.ts'

/** Ends the session. Everybody may do this, so there is no check. */
export async function signOutAndLeave(): Promise<void> {
  const result = await signOut()
  redirect(result.ok ? '/login' : '/login?notice=sign-out-unconfirmed')
}
