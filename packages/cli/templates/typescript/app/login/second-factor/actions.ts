'use server'

import { redirect } from 'next/navigation'
import { safeReturnTo, secondFactors } from '../../../auth'

/** Finishes the sign-in and redirects. After a refusal, the query of the page says what to show. */
export async function proveAndGoOn(form: FormData) {
  const returnTo = String(form.get('returnTo') ?? '')
  const recovery = String(form.get('recovery') ?? '')
  const code = String(form.get('code') ?? '')
  const result = await secondFactors.prove(recovery ? { recoveryCode: code } : { code })
  if (result.ok) redirect(safeReturnTo(returnTo))
  const again = new URLSearchParams({ returnTo, recovery, failed: result.problem.code })
  redirect(safeReturnTo(`/login/second-factor?${again}`))
}
