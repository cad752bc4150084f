'use server'

import { redirect } from 'next/navigation'
import { mailedSignIn, safeReturnTo } from '../../../auth'

/** What the page shows: the sign-in that the link confirms, or a refusal. */
export type Shown =
  | { message: string }
  | { token: string; email: string; device: string; isHere: boolean }
  | null

/** Returns which sign-in the link confirms. It uses nothing up, because mail scanners open links too. */
export async function describeLink(token: string): Promise<Shown> {
  const result = await mailedSignIn.describeLink(token)
  if (!result.ok) return { message: messageOf(result.problem.code) }
  return { token, email: result.email, device: result.device, isHere: result.sameBrowser }
}

/** Signs in with the link, and redirects. The page calls it only after a click. */
export async function confirmLink(_previous: Shown, form: FormData): Promise<Shown> {
  const result = await mailedSignIn.confirmLink(String(form.get('token') ?? ''))
  if (!result.ok) return { message: messageOf(result.problem.code) }
  // @if secondFactor
  if (result.user === null) redirect(safeReturnTo('/login/second-factor'))
  // @end
  redirect(safeReturnTo(''))
}

function messageOf(code: string) {
  return code === 'link_invalid'
    ? 'This link or its code was used already, or the link is older than ten minutes. Nobody was signed in.'
    : 'Signing in failed. Try again later.'
}
