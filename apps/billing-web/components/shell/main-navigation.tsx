import { Can } from '@sallyport/next/client'
import { NavLink } from './nav-link.tsx'

/** The places of the product: in the sidebar on a wide screen, within reach of the thumb on a phone. */
export function MainNavigation() {
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 flex gap-1 border-line border-t bg-surface px-2 pb-[env(safe-area-inset-bottom)] lg:static lg:flex-col lg:border-0 lg:bg-transparent lg:p-0"
    >
      <NavLink href="/dashboard">Dashboard</NavLink>
      <NavLink href="/invoices">Invoices</NavLink>
      <NavLink href="/customers">Customers</NavLink>
      <Can role={['owner', 'finance']}>
        <NavLink href="/reports">Reports</NavLink>
      </Can>
    </nav>
  )
}
