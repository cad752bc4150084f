import { MailCheck } from 'lucide-react'
import Link from 'next/link'
import { buttonStyle } from '../surface/button-style.ts'
import { EntryHeading } from './entry-heading.tsx'

/** Shown after a new address was confirmed with a password. Another account may be signed in in this browser. */
export function NewAddressConfirmed() {
  return (
    <>
      <EntryHeading
        title="The new address is confirmed"
        note="From now on, use this address to sign in to that account."
        icon={<MailCheck />}
        takesFocus
      />
      <Link href="/dashboard" className={`${buttonStyle('primary', 'large')} w-full`}>
        Go to the dashboard
      </Link>
    </>
  )
}
