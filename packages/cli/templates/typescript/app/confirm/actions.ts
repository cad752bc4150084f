'use server'

import { redirect } from 'next/navigation'
import { account, safeReturnTo, signOut } from '../../auth'

/** Checks who the user is, and opens the page from which they came. After a refusal, the query of the page says what to show. */
export async function confirmAndGoOn(form: FormData) {
  const returnTo = String(form.get('returnTo') ?? '')
  // @if secondFactor
  const names = ['password', 'code', 'recoveryCode'].filter((name) => form.has(name))
  const proof = Object.fromEntries(names.map((name) => [name, String(form.get(name))]))
  const result = await account.confirmIdentity(proof)
  // @end
  // @if !secondFactor
  //: const result = await account.confirmPassword(String(form.get('password') ?? ''))
  // @end
  if (result.ok) redirect(safeReturnTo(returnTo))
  const failed = result.problem.errors?.[0]?.field ?? result.problem.code
  const query = new URLSearchParams({ returnTo, failed })
  // @if secondFactor
  if (form.has('recoveryCode')) query.set('recovery', '1')
  // @end
  redirect(safeReturnTo(`/confirm?${query}`))
}

/** Ends this session. After the next sign-in, the page opens from which the user came. */
export async function signInAgain(form: FormData) {
  const returnTo = String(form.get('returnTo') ?? '')
  await signOut()
  redirect(safeReturnTo(`/login?${new URLSearchParams({ returnTo })}`))
}
