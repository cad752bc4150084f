'use server'

import { redirect } from 'next/navigation'
import { signOut } from '../../auth'

/** Ends this session, for the pages and for the API. */
export async function signOutAndLeave() {
  await signOut()
  redirect('/login')
}
