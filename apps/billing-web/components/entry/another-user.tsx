import Link from 'next/link'
import { addressOf } from '../../billing/query.ts'
import { linkStyle } from '../surface/link-style.ts'

/** The link that begins the sign-in again. */
export function AnotherUser({ returnTo }: { returnTo: string }) {
  return (
    <Link href={addressOf('/login', { returnTo })} className={linkStyle}>
      Sign in as somebody else
    </Link>
  )
}
