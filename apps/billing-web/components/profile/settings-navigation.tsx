'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useEffect, useRef } from 'react'

const places = [
  { href: '/profile', label: 'Profile' },
  { href: '/profile/password', label: 'Password' },
  { href: '/profile/security', label: 'Sign-in' },
  { href: '/profile/address', label: 'Email' },
  { href: '/profile/sessions', label: 'Sessions' },
  { href: '/profile/activity', label: 'Activity' },
  { href: '/profile/data', label: 'Data' },
] as const

/** The navigation of the settings. On a phone it scrolls sideways, so that the link of the open page is visible. */
export function SettingsNavigation() {
  const pathname = usePathname()
  const list = useRef<HTMLUListElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: if the path changes, the link of the new page must become visible
  useEffect(() => {
    const here = list.current?.querySelector('[aria-current]')
    const bar = list.current?.parentElement
    if (!(here instanceof HTMLElement) || !bar) return
    bar.scrollLeft = here.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2
  }, [pathname])
  return (
    <nav
      aria-label="Account"
      className="-mx-4 mb-8 overflow-x-auto border-line border-b px-4 sm:mx-0 sm:px-0"
    >
      <ul ref={list} className="-mx-1.5 flex sm:mx-0 sm:gap-6">
        {places.map(({ href, label }) => (
          <li key={href}>
            <Link
              href={href}
              aria-current={
                pathname === href
                  ? 'page'
                  : pathname.startsWith(`${href}/`) && href !== '/profile'
                    ? 'true'
                    : undefined
              }
              className="-mb-px block whitespace-nowrap border-transparent border-b-2 px-1.5 pt-1 pb-2.5 font-medium text-[0.8125rem] sm:px-0 sm:text-sm text-soft transition-colors hover:text-ink focus-visible:-outline-offset-2 aria-[current]:border-accent aria-[current]:text-ink"
            >
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
