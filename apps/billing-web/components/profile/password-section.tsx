import Link from 'next/link'
import { buttonStyle } from '../surface/button-style.ts'
import { Section } from '../surface/section.tsx'

/** A link to the page that changes the password. */
export function PasswordSection() {
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
