import { Unlink } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { buttonStyle } from '../surface/button-style.ts'
import { EntryHeading } from './entry-heading.tsx'

/** Shown if a mailed link is no longer valid. It has the possible reasons, and a link to request a new mail. */
export function DeadLink(props: { way: { href: string; label: string }; children: ReactNode }) {
  const { way, children } = props
  return (
    <>
      <EntryHeading title="This link does not work any more" note={children} icon={<Unlink />} takesFocus />
      <Link href={way.href} className={`${buttonStyle('primary', 'large')} w-full`}>
        {way.label}
      </Link>
    </>
  )
}
