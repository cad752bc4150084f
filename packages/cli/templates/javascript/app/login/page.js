import { redirect } from 'next/navigation'
import { auth, safeReturnTo } from '../../auth'
import styles from './page.module.css'
import { SignInForm } from './sign-in-form'

export const metadata = { title: 'Sign in' }

// Sent whole, and not in parts that scripts put together: the form works before any has loaded.
export const instant = false

export default async function Login({ searchParams }) {
  const query = await searchParams
  const returnTo = safeReturnTo(query.returnTo)
  if (await auth()) redirect(returnTo)
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <h1 className={styles.title}>Sign in</h1>
        <p className={styles.lead}>Enter your email and your password.</p>
        <SignInForm returnTo={returnTo} failed={query.failed} />
      </div>
    </main>
  )
}
