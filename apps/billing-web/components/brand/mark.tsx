/** The logo. It shows three lines of a ledger, and the last line ends with a dot. */
export function Mark({ className = 'size-7' }: { className?: string }) {
  return (
    <svg viewBox="0 0 28 28" className={className} aria-hidden="true" focusable="false">
      <rect width="28" height="28" rx="7" className="fill-accent" />
      <path
        d="M8 8.5h12M8 14h8.5M8 19.5h5"
        className="stroke-on-accent"
        strokeWidth="2.4"
        strokeLinecap="round"
      />
      <circle cx="19" cy="19.5" r="2.2" className="fill-on-accent" />
    </svg>
  )
}
