'use client'

import { ChevronsUpDown, MonitorSmartphone, UserRound } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { type ReactNode, useEffect, useRef } from 'react'
import { LinkIcon } from '../loading/link-icon.tsx'
import { ThemeChoice } from '../theme/theme-choice.tsx'
import { Avatar } from './avatar.tsx'

/** The menu of the signed-in user. It is a `<details>`, so that it opens before scripts have loaded. */
export function UserMenu(props: { name: string; email: string | null; role: string; signOut: ReactNode }) {
  const { name, email, role, signOut } = props
  const menu = useRef<HTMLDetailsElement>(null)
  const pathname = usePathname()

  // biome-ignore lint/correctness/useExhaustiveDependencies: if the path changes, the menu must close
  useEffect(() => {
    if (menu.current) menu.current.open = false
  }, [pathname])

  useEffect(() => {
    const close = (event: PointerEvent | FocusEvent) => {
      if (menu.current?.open && event.target instanceof Node && !menu.current.contains(event.target))
        menu.current.open = false
    }
    document.addEventListener('pointerdown', close)
    document.addEventListener('focusin', close)
    return () => {
      document.removeEventListener('pointerdown', close)
      document.removeEventListener('focusin', close)
    }
  }, [])

  return (
    <details
      ref={menu}
      className="group relative"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !menu.current?.open) return
        menu.current.open = false
        menu.current.querySelector('summary')?.focus()
      }}
    >
      <summary className="flex items-center gap-2.5 rounded-lg p-1 hover:bg-sunken lg:p-2">
        <Avatar name={name} />
        <span className="sr-only lg:not-sr-only lg:min-w-0 lg:flex-1">
          <span className="block truncate font-medium leading-tight">{name}</span>
          <span className="block truncate text-[0.8125rem] text-soft capitalize leading-tight">{role}</span>
        </span>
        <ChevronsUpDown aria-hidden className="hidden size-4 text-faint lg:block" />
      </summary>
      <div className="absolute right-0 z-40 mt-2 w-64 rounded-xl border border-line bg-raised p-1.5 shadow-float lg:right-auto lg:bottom-full lg:left-0 lg:mt-0 lg:mb-2">
        <div className="px-2.5 pt-2 pb-2.5">
          <p className="truncate font-medium">{name}</p>
          {email && <p className="truncate text-[0.8125rem] text-soft">{email}</p>}
          <p className="mt-1.5 text-[0.8125rem] text-soft lg:hidden">
            Role: <span className="capitalize">{role}</span>
          </p>
        </div>
        <div className="px-1 pb-1.5">
          <ThemeChoice />
        </div>
        <div className="border-line border-t pt-1.5">
          <Link href="/profile" className="flex h-9 items-center gap-2.5 rounded-lg px-2.5 hover:bg-sunken">
            <LinkIcon className="size-4 text-soft">
              <UserRound />
            </LinkIcon>
            Profile
          </Link>
          <Link
            href="/profile/sessions"
            className="flex h-9 items-center gap-2.5 rounded-lg px-2.5 hover:bg-sunken"
          >
            <LinkIcon className="size-4 text-soft">
              <MonitorSmartphone />
            </LinkIcon>
            Sessions
          </Link>
          {signOut}
        </div>
      </div>
    </details>
  )
}
