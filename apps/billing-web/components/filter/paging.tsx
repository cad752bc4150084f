import { ChevronLeft, ChevronRight } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { LinkIcon } from '../loading/link-icon.tsx'
import { buttonStyle } from '../surface/button-style.ts'

const count = new Intl.NumberFormat('en-US')

/** Shows the position in a long list, with links to the previous and the next page. */
export function Paging(props: {
  page: number
  pageSize: number
  total: number
  addressFor: (page: number) => string
}) {
  const { page, pageSize, total, addressFor } = props
  const pages = Math.max(1, Math.ceil(total / pageSize))
  const first = (page - 1) * pageSize + 1
  const last = Math.min(page * pageSize, total)
  return (
    <nav
      aria-label="Pages"
      className="flex items-center justify-between gap-4 border-line border-t px-5 py-3 text-[0.8125rem] text-soft"
    >
      <p className="numeric">
        {count.format(first)}–{count.format(last)} of {count.format(total)}
      </p>
      <div className="flex gap-2">
        <PageLink to={page > 1 ? addressFor(page - 1) : null}>
          <LinkIcon className="size-4">
            <ChevronLeft />
          </LinkIcon>
          Previous
        </PageLink>
        <PageLink to={page < pages ? addressFor(page + 1) : null}>
          Next
          <LinkIcon className="size-4">
            <ChevronRight />
          </LinkIcon>
        </PageLink>
      </div>
    </nav>
  )
}

function PageLink({ to, children }: { to: string | null; children: ReactNode }) {
  // If there is no such page, the link has no `href`. So it is disabled but stays at its place.
  if (to === null)
    return (
      // biome-ignore lint/a11y/useValidAnchor: a placeholder link, as HTML defines it
      <a
        aria-disabled="true"
        role="link"
        className={`${buttonStyle('secondary', 'small')} pointer-events-none opacity-50`}
      >
        {children}
      </a>
    )
  return (
    <Link href={to} prefetch={false} className={buttonStyle('secondary', 'small')}>
      {children}
    </Link>
  )
}
