import type { ReactNode } from 'react'
import { BrandLink } from '../brand/brand-link.tsx'
import { MainNavigation } from './main-navigation.tsx'
import { SkipLink } from './skip-link.tsx'

/** The layout of every page of the product. On a wide screen it has a sidebar. On a phone it has a bar at the top and one at the bottom. */
export function AppShell({ userMenu, children }: { userMenu: ReactNode; children: ReactNode }) {
  return (
    <div className="lg:grid print:block lg:min-h-dvh lg:grid-cols-[15rem_minmax(0,1fr)]">
      <SkipLink />
      <header className="print:hidden sticky top-0 z-30 flex h-14 items-center justify-between border-line border-b bg-canvas px-4 sm:px-6 lg:h-dvh lg:flex-col lg:items-stretch lg:justify-start lg:gap-6 lg:border-r lg:border-b-0 lg:p-3">
        <div className="lg:px-2.5 lg:pt-3">
          <BrandLink href="/dashboard" />
        </div>
        <MainNavigation />
        <div className="lg:mt-auto">{userMenu}</div>
      </header>
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto w-full max-w-[76rem] px-4 pt-6 pb-28 sm:px-6 lg:px-10 lg:pt-10 lg:pb-16"
      >
        {children}
      </main>
    </div>
  )
}
