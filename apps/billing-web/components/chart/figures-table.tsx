import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { formatMonth } from '../../billing/calendar.ts'
import { tableStyle } from '../surface/table-style.ts'

/** A table with the numbers of a chart, one row for each month. At first it is closed. */
export function FiguresTable(props: {
  caption: string
  columns: readonly string[]
  rows: readonly { month: string; cells: readonly ReactNode[] }[]
}) {
  const { caption, columns, rows } = props
  return (
    <details className="group border-line border-t">
      <summary className="flex items-center gap-1.5 rounded-b-xl px-5 py-3 text-[0.8125rem] text-soft hover:text-ink">
        <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
        Show the figures
      </summary>
      <div className="overflow-x-auto border-line border-t">
        <table className={tableStyle.table}>
          <caption className="sr-only">{caption}</caption>
          <thead className="border-line border-b text-[0.8125rem] text-soft">
            <tr>
              <th scope="col" className={tableStyle.heading}>
                Month
              </th>
              {columns.map((column) => (
                <th key={column} scope="col" className={`${tableStyle.heading} text-right`}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ month, cells }) => (
              <tr key={month} className="border-line border-b last:border-b-0">
                <th scope="row" className="h-10 px-3 font-normal first:pl-5">
                  {formatMonth(month)}
                </th>
                {cells.map((cell, index) => (
                  <td key={columns[index]} className="h-10 px-3 text-right last:pr-5">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
