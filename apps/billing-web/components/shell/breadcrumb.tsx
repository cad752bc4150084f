import { ChevronLeft } from 'lucide-react'
import Link from 'next/link'

/** A link from a page to the list that contains it. */
export function Breadcrumb({ href, children }: { href: string; children: string }) {
  return (
    <nav aria-label="Breadcrumb">
      <Link
        href={href}
        className="-ml-1 inline-flex items-center gap-0.5 rounded-md text-soft hover:text-ink"
      >
        <ChevronLeft aria-hidden className="size-4" />
        {children}
      </Link>
    </nav>
  )
}
