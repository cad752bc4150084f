/** The placeholder for figures and a chart. */
export function CardsSkeleton() {
  return (
    <div aria-hidden className="space-y-6">
      <div className="card h-32 p-5">
        <span className="skeleton block h-4 w-32" />
        <span className="skeleton mt-4 block h-7 w-44" />
      </div>
      <div className="card h-96 p-5">
        <span className="skeleton block h-4 w-40" />
        <span className="skeleton mt-5 block h-72 w-full" />
      </div>
    </div>
  )
}
