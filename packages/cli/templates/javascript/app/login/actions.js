'use server'

import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { safeReturnTo, signIn } from '../../auth'

/** Signs in and goes on. A wrong password and an unknown address get the same answer. */
export async function signInAndGoOn(_previous, form) {
  const email = String(form.get('email') ?? '')
  const result = await signIn({ email, password: String(form.get('password') ?? '') })
  if (!result.ok) {
    const { code, title, errors } = result.problem
    // Before scripts have loaded the page comes anew, and its address says what to show.
    if (!(await headers()).has('next-action'))
      redirect(
        `/login?${new URLSearchParams({ failed: code, returnTo: safeReturnTo(form.get('returnTo')) })}`,
      )
    return { message: errors?.[0]?.message ?? title, email }
  }
  redirect(safeReturnTo(form.get('returnTo')))
}
