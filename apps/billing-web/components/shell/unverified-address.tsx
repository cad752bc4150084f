import { MailWarning } from 'lucide-react'
import Link from 'next/link'
import { linkStyle } from '../surface/link-style.ts'

/** A notice above every page. It is shown as long as the address is not confirmed. */
export function UnverifiedAddress() {
  return (
    <p className="mb-6 flex items-start gap-2.5 rounded-lg border border-line bg-surface px-3.5 py-2.5">
      <MailWarning aria-hidden className="mt-0.5 size-4 shrink-0 text-soft" />
      <span>
        Your email address is not confirmed.{' '}
        <Link href="/profile/address" className={linkStyle}>
          Confirm it
        </Link>
      </span>
    </p>
  )
}
