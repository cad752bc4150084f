'use server'

import { redirect } from 'next/navigation'
import { safeReturnTo, secondFactors } from '../../../auth'

/** The first call begins to add an authenticator app. The second call adds it after its first code was right. */
export async function addApp(previous, form) {
  const id = String(form.get('id') ?? '')
  const code = String(form.get('code') ?? '')
  const name = String(form.get('name') ?? '')
  const result = id ? await secondFactors.confirmTotp({ id, code }) : await secondFactors.startTotp({ name })
  // The recovery codes are shown only once, so this does not redirect. Only the first app has some.
  if (result.ok)
    return 'recoveryCodes' in result ? { recoveryCodes: result.recoveryCodes ?? [] } : { app: result }
  const { problem } = result
  if (problem.code === 'insufficient_user_authentication')
    redirect(safeReturnTo('/confirm?returnTo=/dashboard/add-app'))
  return { ...previous, message: problem.errors?.[0]?.message ?? problem.detail ?? problem.title }
}
