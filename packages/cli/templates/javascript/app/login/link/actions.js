'use server'

import { redirect } from 'next/navigation'
import { mailedSignIn, safeReturnTo } from '../../../auth'

/** Returns which sign-in the link confirms. It uses nothing up, because mail scanners open links too. */
export async function describeLink(token) {
  const result = await mailedSignIn.describeLink(token)
  if (!result.ok) return { message: messageOf(result.problem.code) }
  return { token, email: result.email, device: result.device, isHere: result.sameBrowser }
}

/** Signs in with the link, and redirects. The page calls it only after a click. */
export async function confirmLink(_previous, form) {
  const result = await mailedSignIn.confirmLink(String(form.get('token') ?? ''))
  if (!result.ok) return { message: messageOf(result.problem.code) }
  // @if secondFactor
  if (result.user === null) redirect(safeReturnTo('/login/second-factor'))
  // @end
  redirect(safeReturnTo(''))
}

function messageOf(code) {
  return code === 'link_invalid'
    ? 'This link or its code was used already, or the link is older than ten minutes. Nobody was signed in.'
    : 'Signing in failed. Try again later.'
}
