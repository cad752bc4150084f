'use server'

import { redirect } from 'next/navigation'
import { mailedSignIn, safeReturnTo } from '../../../auth'

/** Requests a mail with a code and a link, and redirects. The response is the same for every address. */
export async function requestMail(form) {
  const returnTo = String(form.get('returnTo') ?? '')
  const result = await mailedSignIn.request(String(form.get('email') ?? ''))
  const query = new URLSearchParams({ returnTo })
  if (result.ok) query.set('sent', '1')
  else query.set('failed', result.problem.code)
  if (!result.ok) query.set('again', '1')
  redirect(safeReturnTo(`/login/code?${query}`))
}

/** Signs in with the code of the mail, and redirects. After a refusal, the query of the page says what to show. */
export async function enterCode(form) {
  const returnTo = String(form.get('returnTo') ?? '')
  const result = await mailedSignIn.enterCode(String(form.get('code') ?? ''))
  // @if secondFactor
  if (result.ok && result.user === null)
    redirect(safeReturnTo(`/login/second-factor?${new URLSearchParams({ returnTo })}`))
  // @end
  if (result.ok) redirect(safeReturnTo(returnTo))
  const query = new URLSearchParams({ returnTo, failed: result.problem.code })
  if (result.problem.code === 'sign_in_mail_expired') query.set('again', '1')
  redirect(safeReturnTo(`/login/code?${query}`))
}
