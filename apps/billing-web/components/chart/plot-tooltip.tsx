import { formatMonth } from '../../billing/calendar.ts'
import { formatMoney } from '../../billing/money.ts'
import type { MonthRow, Series } from './series.ts'

/** The tooltip of a chart. */
export function PlotTooltip({ row, series }: { row: MonthRow | undefined; series: readonly Series[] }) {
  if (!row) return null
  return (
    <div className="rounded-lg border border-line bg-raised px-3 py-2 text-[0.8125rem] shadow-float">
      <p className="font-medium">{formatMonth(row.month)}</p>
      {series.map(({ key, name, colour }) => (
        <p key={key} className="mt-0.5 flex items-center gap-2 text-soft">
          <span className="size-2 rounded-full" style={{ background: colour }} />
          {name}
          <span className="numeric ml-auto pl-4 font-medium text-ink">
            {formatMoney(Math.abs(row.amounts[key] ?? 0))}
          </span>
        </p>
      ))}
    </div>
  )
}
