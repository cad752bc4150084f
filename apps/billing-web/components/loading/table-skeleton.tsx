const rows = Array.from({ length: 12 }, (_, index) => `row ${index}`)

/** The placeholder for a list. */
export function TableSkeleton() {
  return (
    <div className="card overflow-hidden" aria-hidden>
      <div className="flex h-14 items-center px-5">
        <span className="skeleton h-4 w-40" />
      </div>
      <div className="h-9 border-line border-y bg-canvas" />
      {rows.map((row) => (
        <div key={row} className="flex h-13 items-center gap-6 border-line border-b px-5 last:border-b-0">
          <span className="skeleton h-4 w-24" />
          <span className="skeleton h-4 flex-1" />
          <span className="skeleton h-4 w-16" />
          <span className="skeleton hidden h-4 w-24 sm:block" />
        </div>
      ))}
    </div>
  )
}
