'use server'

import { redirect } from 'next/navigation'
// @if secondFactor
import { safeReturnTo, secondFactors, signOut } from '../../auth'
// @end
// @if !secondFactor
//: import { safeReturnTo, signOut } from '../../auth'
// @end

/** Ends this session, for the pages and for the API. */
export async function signOutAndLeave() {
  await signOut()
  redirect(safeReturnTo('/login'))
}
// @if secondFactor

/** Removes an authenticator app. After a refusal, the query of the dashboard says what to show. */
export async function removeApp(form) {
  const result = await secondFactors.remove(String(form.get('id') ?? ''))
  if (result.ok) redirect(safeReturnTo('/dashboard'))
  const failed = result.problem.code
  if (failed === 'insufficient_user_authentication') redirect(safeReturnTo('/confirm?returnTo=/dashboard'))
  redirect(safeReturnTo(`/dashboard?${new URLSearchParams({ failed })}`))
}
// @end
