import { redirect } from 'next/navigation'
import { safeReturnTo, signIn } from '../../auth.ts'

export default async function Login({
  searchParams,
}: {
  searchParams: Promise<{ returnTo?: string; failed?: string }>
}) {
  const { returnTo, failed } = await searchParams
  async function action(form: FormData) {
    'use server'
    const result = await signIn({ email: String(form.get('email')), password: String(form.get('password')) })
    redirect(result.ok ? safeReturnTo(returnTo) : '/login?failed=1')
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
