import Link from 'next/link'
import { Mark } from './mark.tsx'

/** The name of the product, as a link to the front page. */
export function BrandLink({ href }: { href: '/' | '/dashboard' }) {
  return (
    <Link
      href={href}
      prefetch={false}
      className="flex items-center gap-2.5 rounded-md font-semibold text-[0.9375rem] tracking-tight"
    >
      <Mark />
      Ledgerline
    </Link>
  )
}
