import Link from 'next/link'
import { linkStyle } from '../surface/link-style.ts'

/** A link to the sign-in page, below a form. */
export function SignInInstead({ href = '/login', children }: { href?: string; children: string }) {
  return (
    <p className="mt-6 text-soft">
      {children}{' '}
      <Link href={href} className={linkStyle}>
        Sign in
      </Link>
    </p>
  )
}
