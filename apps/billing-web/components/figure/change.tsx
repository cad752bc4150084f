import { ArrowDownRight, ArrowUpRight, Minus } from 'lucide-react'
import { formatRate } from '../../billing/rate.ts'

/**
 * The change of a figure, as an arrow and a text. The colour only repeats what the arrow shows, so users who do not see colours miss
 * nothing.
 */
export function Change({ fraction }: { fraction: number | null }) {
  if (fraction === null) return null
  const isFlat = Math.abs(fraction) < 0.0005
  const Icon = isFlat ? Minus : fraction > 0 ? ArrowUpRight : ArrowDownRight
  return (
    <span
      className={`numeric inline-flex items-center gap-0.5 font-medium ${!isFlat && fraction > 0 ? 'text-good-text' : 'text-soft'}`}
    >
      <Icon aria-hidden className="size-3.5" />
      <span className="sr-only">{isFlat ? 'unchanged: ' : fraction > 0 ? 'up by ' : 'down by '}</span>
      {formatRate(Math.abs(fraction))}
    </span>
  )
}
