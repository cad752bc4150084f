import type { InboxMail } from '@sallyport/next/server'
import { Moment } from '../surface/day.tsx'

/** With this element, links open outside of the frame. It is added here, because the mails themselves do not contain it. */
const outOfTheFrame = '<base target="_top">'

/**
 * Shows one mail as its recipient would see it. The mail contains user input, so its frame runs no scripts and has an origin of its
 * own. When a link is clicked, the request comes from another origin, as from a real mailbox.
 */
export function MailFrame({ mail }: { mail: InboxMail }) {
  const { subject, to, at, html } = mail
  return (
    <article className="card order-1 overflow-hidden lg:order-2">
      <header className="border-line border-b px-5 py-4">
        <h2 className="font-semibold text-[0.9375rem] tracking-tight">{subject}</h2>
        <p className="mt-0.5 text-[0.8125rem] text-soft [overflow-wrap:anywhere]">
          To {to}, <Moment timeMs={at} />
        </p>
      </header>
      <iframe
        title={`Mail: ${subject}`}
        srcDoc={html.replace('<head>', `<head>${outOfTheFrame}`)}
        sandbox="allow-top-navigation-by-user-activation"
        className="block h-[44rem] sm:h-[38rem] w-full"
      />
    </article>
  )
}
