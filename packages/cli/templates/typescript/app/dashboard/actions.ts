'use server'

import { redirect } from 'next/navigation'
import { safeReturnTo, signOut } from '../../auth'

/** Ends this session, for the pages and for the API. */
export async function signOutAndLeave() {
  await signOut()
  redirect(safeReturnTo('/login'))
}
