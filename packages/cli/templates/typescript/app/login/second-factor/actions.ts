'use server'

import { redirect } from 'next/navigation'
import { safeReturnTo, secondFactors } from '../../../auth'
import type { SetUp } from './set-up-app'

/** Finishes the sign-in and redirects. After a refusal, the query of the page says what to show. */
export async function proveAndGoOn(form: FormData) {
  const returnTo = String(form.get('returnTo') ?? '')
  const code = String(form.get('code') ?? '')
  const recoveryCode = String(form.get('recoveryCode') ?? '')
  const result = await secondFactors.prove(recoveryCode ? { recoveryCode } : { code })
  if (result.ok) redirect(safeReturnTo(returnTo))
  const failed = result.problem.code
  if (failed === 'sign_in_expired') redirect(safeReturnTo(signInAgain(returnTo)))
  const again = new URLSearchParams({ returnTo, failed, recovery: recoveryCode && '1' })
  redirect(safeReturnTo(`/login/second-factor?${again}`))
}

/** The first call begins to set up the authenticator app. The second call confirms it with its first code, and signs in. */
export async function setUpApp(previous: SetUp, form: FormData): Promise<SetUp> {
  const id = String(form.get('id') ?? '')
  const code = String(form.get('code') ?? '')
  const result = id ? await secondFactors.finishSetup({ id, code }) : await secondFactors.startSetup()
  // The recovery codes are shown only once, so this does not redirect.
  if (result.ok) return 'recoveryCodes' in result ? { recoveryCodes: result.recoveryCodes } : { app: result }
  const { problem } = result
  if (problem.code === 'sign_in_expired')
    redirect(safeReturnTo(signInAgain(String(form.get('returnTo') ?? ''))))
  return { ...previous, message: problem.errors?.[0]?.message ?? problem.title }
}

function signInAgain(returnTo: string) {
  return `/login?${new URLSearchParams({ failed: 'sign_in_expired', returnTo })}`
}
