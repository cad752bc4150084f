/** The first letter of a provider in a small square. The name beside it says which provider it is. */
export function ProviderMark({ label }: { label: string }) {
  return (
    <span
      aria-hidden
      className="grid size-5 shrink-0 place-items-center rounded-md bg-sunken font-semibold text-[0.6875rem] text-soft"
    >
      {label.slice(0, 1).toUpperCase()}
    </span>
  )
}
