import type { Series } from './series.ts'

/** The legend of a chart with more than one series. */
export function Legend({ series }: { series: readonly Series[] }) {
  return (
    <ul className="flex flex-wrap gap-x-5 gap-y-1 px-5 pb-4 text-[0.8125rem] text-soft">
      {series.map(({ key, name, colour }) => (
        <li key={key} className="flex items-center gap-2">
          <span aria-hidden className="size-2.5 rounded-xs" style={{ background: colour }} />
          {name}
        </li>
      ))}
    </ul>
  )
}
