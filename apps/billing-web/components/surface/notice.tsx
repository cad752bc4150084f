import { CircleAlert, CircleCheck, Info } from 'lucide-react'
import type { ReactNode } from 'react'

/** Shows that something was done. Screen readers read it, and the focus does not change. */
export function Done({ children }: { children: ReactNode }) {
  return (
    <p
      role="status"
      className="flex items-center gap-2 rounded-lg border border-line bg-surface px-3.5 py-2.5"
    >
      <CircleCheck aria-hidden className="size-4 shrink-0 text-good-text" />
      <span>{children}</span>
    </p>
  )
}

/** Shows something that the user should know. It is neither a success nor an error. */
export function Note({ children }: { children: ReactNode }) {
  return (
    <p className="flex items-start gap-2.5 rounded-lg border border-line bg-surface px-3.5 py-2.5">
      <Info aria-hidden className="mt-0.5 size-4 shrink-0 text-soft" />
      <span>{children}</span>
    </p>
  )
}

/** Shows the same as {@link Done}, but as one word beside the button. */
export function DoneBeside({ children }: { children: string }) {
  return (
    <p role="status" className="flex items-center gap-1.5 text-soft">
      <CircleCheck aria-hidden className="size-4 text-good-text" />
      {children}
    </p>
  )
}

/** Shows an error. If the error is not about one field, it can get the focus. */
export function Alert({ children }: { children: ReactNode }) {
  return (
    <div
      role="alert"
      tabIndex={-1}
      className="flex items-start gap-2.5 rounded-lg bg-bad-tint px-3.5 py-2.5 text-bad-text"
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div>{children}</div>
    </div>
  )
}
