'use client'

import { signIn } from 'next-auth/react'
import { type FormEvent, useState } from 'react'

export default function Login() {
  const [refusal, setRefusal] = useState<string | null>(null)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const result = await signIn('credentials', {
      email: form.get('email'),
      password: form.get('password'),
      redirect: false,
    })
    if (result?.ok) location.assign('/dashboard')
    else if (result?.error === 'CredentialsSignin') setRefusal('The email or the password is not right.')
    else setRefusal('Signing in is not possible right now. Try again shortly.')
  }

  return (
    <main>
      <h1>Sign in</h1>
      {/* With `post`, a form that is sent before the script has loaded puts no password into the address. */}
      <form method="post" onSubmit={submit}>
        {refusal && <p role="alert">{refusal}</p>}
        <label>
          Email <input name="email" type="email" autoComplete="username" required />
        </label>
        <label>
          Password <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <button type="submit">Sign in</button>
      </form>
    </main>
  )
}
