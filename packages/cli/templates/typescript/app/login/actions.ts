'use server'

import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { safeReturnTo, signIn } from '../../auth'

/** What the form shows after a refusal. */
export type Refused = { message: string; email: string } | null

// @if secondFactor
/** Signs in and redirects, if needed to the page for the second factor. A wrong password and an unknown address get the same response. */
// @end
// @if !secondFactor
//: /** Signs in and redirects. A wrong password and an unknown address get the same response. */
// @end
export async function signInAndGoOn(_previous: Refused, form: FormData): Promise<Refused> {
  const email = String(form.get('email') ?? '')
  const returnTo = String(form.get('returnTo') ?? '')
  const result = await signIn({ email, password: String(form.get('password') ?? '') })
  const hasScripts = (await headers()).has('next-action')
  const target = safeReturnTo(returnTo)
  // @if secondFactor
  if (result.ok && result.user === null)
    redirect(safeReturnTo(`/login/second-factor?${new URLSearchParams({ returnTo })}`))
  // @end
  if (result.ok) redirect(hasScripts ? target : withTime(target))
  const { code, title, errors } = result.problem
  // If scripts have not loaded yet, the browser loads the page again, and its query says what to show.
  if (!hasScripts) redirect(safeReturnTo(`/login?${new URLSearchParams({ failed: code, returnTo })}`))
  return { message: errors?.[0]?.message ?? title, email }
}

/** Marks the target. If `returnTo` of the sign-in page contains the mark, the browser has stored no cookie. */
function withTime(target: string) {
  const url = new URL(target, 'http://localhost')
  url.searchParams.set('signedIn', String(Math.floor(Date.now() / 1000)))
  return target.startsWith('/') ? url.href.slice(url.origin.length) : url.href
}
