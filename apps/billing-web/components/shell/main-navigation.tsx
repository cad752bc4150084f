'use client'

import { useSession } from '@sallyport/next/client'
import { NavLink } from './nav-link.tsx'

const rolesWithReports = ['owner', 'finance']

/**
 * The places of the product: in the sidebar on a wide screen, within reach of the thumb on a phone. A comfort; each page asks
 * for itself. The number of columns is known before the first link, so that a page that arrives in pieces does not shift.
 */
export function MainNavigation() {
  const { principal } = useSession()
  const hasReports = rolesWithReports.some((role) => principal?.roles.includes(role))
  return (
    <nav
      aria-label="Main"
      className={`fixed inset-x-0 bottom-0 z-30 grid gap-1 border-line border-t bg-surface px-2 pb-[env(safe-area-inset-bottom)] lg:static lg:grid-cols-1 lg:border-0 lg:bg-transparent lg:p-0 ${hasReports ? 'grid-cols-4' : 'grid-cols-3'}`}
    >
      <NavLink href="/dashboard">Dashboard</NavLink>
      <NavLink href="/invoices">Invoices</NavLink>
      <NavLink href="/customers">Customers</NavLink>
      {hasReports && <NavLink href="/reports">Reports</NavLink>}
    </nav>
  )
}
