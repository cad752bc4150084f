'use server'

import { redirect } from 'next/navigation'
import { safeReturnTo, signOut } from '../../auth'

/** Ends this session, for the pages and for the API. */
export async function signOutAndLeave() {
  await signOut()
  redirect(safeReturnTo('/login'))
}
// @if passkey

/** Ends this session, and returns to the dashboard after the next sign-in. */
export async function signInAgain() {
  await signOut()
  redirect(safeReturnTo(`/login?${new URLSearchParams({ returnTo: '/dashboard' })}`))
}
// @end
