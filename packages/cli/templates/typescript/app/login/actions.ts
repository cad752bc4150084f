'use server'

import { redirect } from 'next/navigation'
import { safeReturnTo, signIn } from '../../auth'

/** What the form shows after it was refused. */
export type Refused = { message: string; email: string } | null

/** Signs in and goes on. A wrong password and an unknown address get the same answer. */
export async function signInAndGoOn(_previous: Refused, form: FormData): Promise<Refused> {
  const email = String(form.get('email') ?? '')
  const result = await signIn({ email, password: String(form.get('password') ?? '') })
  if (!result.ok) return { message: result.problem.errors?.[0]?.message ?? result.problem.title, email }
  redirect(safeReturnTo(form.get('returnTo')))
}
