import Link from 'next/link'
import { buttonStyle } from '../surface/button-style.ts'
import { Section } from '../surface/section.tsx'
import { SetPassword } from './set-password.tsx'

/** A link to the page that changes the password. A user who has none can set one here. */
export function PasswordSection({ hasPassword, email }: { hasPassword: boolean; email: string }) {
  if (!hasPassword)
    return (
      <Section title="Password" note="You have no password.">
        <div className="px-5 pb-5">
          <SetPassword email={email} />
        </div>
      </Section>
    )
  return (
    <Section
      title="Password"
      note="You enter it with your email address."
      action={
        <Link href="/profile/password" className={buttonStyle('secondary', 'small')}>
          Change<span className="sr-only"> password</span>
        </Link>
      }
    >
      {null}
    </Section>
  )
}
