'use client'

import { useSession } from '../../session/client-access.ts'
import { NavLink } from './nav-link.tsx'

/**
 * The main navigation. On a wide screen it is in the sidebar, on a phone at the bottom. It hides links to pages that the user may not see,
 * but each page checks access itself. A CSS class sets the number of columns (3 or 4). So the links do not move while the parts of a page
 * arrive one after another.
 */
export function MainNavigation() {
  const { can } = useSession()
  const hasReports = can({ permission: 'report:read' })
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
