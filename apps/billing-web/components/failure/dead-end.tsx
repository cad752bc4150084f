import type { LucideIcon } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { buttonStyle } from '../surface/button-style.ts'

/** Shown if a page does not exist or is not allowed. It has the reason and two links. */
export function DeadEnd(props: {
  Icon: LucideIcon
  title: string
  children: ReactNode
  ways: readonly { href: string; label: string }[]
}) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center py-16 text-center lg:py-24">
      <span className="mb-5 grid size-12 place-items-center rounded-full bg-sunken text-soft">
        <props.Icon aria-hidden className="size-5.5" />
      </span>
      <h1 className="font-semibold text-xl tracking-tight">{props.title}</h1>
      <p className="mt-2 text-pretty text-soft">{props.children}</p>
      {/* In one column on a phone: whether two buttons fit on a line would depend on the font that has loaded. */}
      <div className="mt-6 flex w-full flex-col gap-2 sm:w-auto sm:flex-row sm:justify-center">
        {props.ways.map(({ href, label }, index) => (
          <Link
            key={href}
            href={href}
            prefetch={false}
            className={buttonStyle(index === 0 ? 'primary' : 'secondary')}
          >
            {label}
          </Link>
        ))}
      </div>
    </div>
  )
}
