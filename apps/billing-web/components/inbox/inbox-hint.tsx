import { Inbox } from 'lucide-react'
import { linkStyle } from '../surface/link-style.ts'

/** A link to the page with the mails. Use it only if mails are not sent. It opens a new tab. */
export function InboxHint() {
  return (
    <p className="flex items-center gap-3 rounded-xl border border-line border-dashed px-4 py-3 text-soft">
      <Inbox aria-hidden className="size-4.5 shrink-0 text-faint" />
      <span>
        This demo sends no mail. Read it in the{' '}
        <a href="/inbox" target="_blank" rel="noreferrer" className={linkStyle}>
          development inbox<span className="sr-only"> (opens in a new tab)</span>
        </a>
        .
      </span>
    </p>
  )
}
