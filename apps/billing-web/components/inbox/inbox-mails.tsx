import type { InboxMail } from '@sallyport/next/server'
import Link from 'next/link'
import { addressOf } from '../../billing/query.ts'
import { Ago } from '../surface/day.tsx'
import { MailFrame } from './mail-frame.tsx'

/** The list of mails beside the open mail. On a phone, the open mail is above the list. */
export function InboxMails(props: { mails: readonly InboxMail[]; shown: InboxMail | null; nowMs: number }) {
  const { mails, nowMs } = props
  const shown = props.shown ?? mails[0]
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[22rem_minmax(0,1fr)]">
      <nav aria-label="Mails" className="card order-2 overflow-hidden lg:order-1">
        <ul className="divide-y divide-line">
          {mails.map(({ id, subject, to, at }) => (
            <li key={id}>
              <Link
                href={addressOf('/inbox', { mail: id })}
                prefetch={false}
                aria-current={id === shown?.id ? 'true' : undefined}
                className="block px-4 py-3 hover:bg-canvas focus-visible:-outline-offset-2 aria-[current]:bg-sunken"
              >
                <span className="block truncate font-medium">{subject}</span>
                <span className="mt-0.5 flex justify-between gap-3 text-[0.8125rem] text-soft">
                  <span className="truncate">{to}</span>
                  <span className="shrink-0">
                    <Ago timeMs={at} nowMs={nowMs} />
                  </span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {shown && <MailFrame key={shown.id} mail={shown} />}
    </div>
  )
}
