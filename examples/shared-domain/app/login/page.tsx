import { redirect } from 'next/navigation'
import { safeReturnTo, signIn } from '../../auth.ts'

export const instant = false // needed with cacheComponents, so that the form works before scripts have loaded

type Query = Promise<{ returnTo?: string; failed?: string }>

export default async function Login({ searchParams }: { searchParams: Query }) {
  const { returnTo = '/dashboard', failed } = await searchParams
  async function action(form: FormData) {
    'use server'
    const result = await signIn({ email: String(form.get('email')), password: String(form.get('password')) })
    const again = `/login?${new URLSearchParams({ failed: '1', returnTo })}` // keeps returnTo in the URL after a wrong password
    redirect(safeReturnTo(result.ok ? returnTo : again))
  }
  return (
    <form action={action}>
      {failed && <p role="alert">The email or the password is not right.</p>}
      <label>
        Email <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button type="submit">Sign in</button>
    </form>
  )
}
