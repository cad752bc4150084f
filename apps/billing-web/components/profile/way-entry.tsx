import type { ReactNode } from 'react'
import { Ago, Day } from '../surface/day.tsx'

/** The fixed places of the buttons of an entry. So they do not move when a question opens. */
export const buttonPlaces = {
  left: 'absolute top-0 left-0 w-[calc(50%-0.25rem)] sm:top-5 sm:left-auto sm:right-27 sm:w-20',
  only: 'absolute top-0 right-0 w-full sm:top-5 sm:right-5 sm:w-20',
  right: 'absolute top-0 right-0 w-[calc(50%-0.25rem)] sm:top-5 sm:right-5 sm:w-20',
} as const

/** A way to sign in, in a list: its name, when it was added and used, and buttons. */
export function WayEntry(props: {
  mark: ReactNode
  name: string
  about?: string | null
  addedAtMs: number
  usedAtMs: number | null
  nowMs: number
  children: ReactNode
}) {
  const { mark, name, about, addedAtMs, usedAtMs, nowMs, children } = props
  return (
    <li className="relative border-line border-t px-5 py-4">
      <div className="flex items-center gap-3 sm:pr-48">
        <span
          aria-hidden
          className="grid size-9 shrink-0 place-items-center rounded-full bg-sunken text-soft *:size-4"
        >
          {mark}
        </span>
        <div className="min-w-0">
          <p className="truncate font-medium">
            {name}
            {about && <span className="font-normal text-soft"> · {about}</span>}
          </p>
          <p className="text-[0.8125rem] text-soft">
            Added <Day timeMs={addedAtMs} /> ·{' '}
            {usedAtMs === null ? (
              'Not used yet'
            ) : (
              <>
                Used <Ago timeMs={usedAtMs} nowMs={nowMs} />
              </>
            )}
          </p>
        </div>
      </div>
      <div className="max-sm:relative max-sm:mt-3 max-sm:pt-8">{children}</div>
    </li>
  )
}
