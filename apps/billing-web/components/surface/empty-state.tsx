import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

/** Shown instead of an empty list. It has the reason, and what the user can do. */
export function EmptyState(props: {
  Icon: LucideIcon
  title: string
  children: ReactNode
  action?: ReactNode
  /** Whether the list is only a part of the page. */
  isCompact?: boolean
}) {
  const { Icon, title, children, action, isCompact = false } = props
  return (
    <div className={`flex flex-col items-center px-6 text-center ${isCompact ? 'py-8' : 'py-16'}`}>
      <span className="mb-4 grid size-11 place-items-center rounded-full bg-sunken text-faint">
        <Icon aria-hidden className="size-5" />
      </span>
      <p className="font-medium text-ink">{title}</p>
      <p className="mt-1 max-w-sm text-pretty text-soft">{children}</p>
      {action && <div className="mt-5">{action}</div>}
    </div>
  )
}
