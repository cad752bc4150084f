'use client'

import { ChartNoAxesColumn, FileText, LayoutDashboard, UsersRound } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { LinkIcon } from '../loading/link-icon.tsx'

const icons = {
  '/dashboard': LayoutDashboard,
  '/invoices': FileText,
  '/customers': UsersRound,
  '/reports': ChartNoAxesColumn,
} as const

/** A link of the main navigation. If it leads to the current page, it is marked. */
export function NavLink({ href, children }: { href: keyof typeof icons; children: string }) {
  const pathname = usePathname()
  const isHere = pathname === href || pathname.startsWith(`${href}/`)
  const Icon = icons[href]
  return (
    <Link
      href={href}
      aria-current={isHere ? (pathname === href ? 'page' : 'true') : undefined}
      className="flex h-14 flex-col items-center justify-center gap-1 rounded-lg px-1 font-medium text-[0.6875rem] text-soft transition-colors hover:text-ink aria-[current]:text-accent-text lg:h-9 lg:flex-row lg:justify-start lg:gap-2.5 lg:px-2.5 lg:text-sm lg:aria-[current]:bg-sunken lg:aria-[current]:text-ink lg:hover:bg-sunken"
    >
      <LinkIcon className="size-5 lg:size-4.5">
        <Icon strokeWidth={1.9} />
      </LinkIcon>
      {children}
    </Link>
  )
}
