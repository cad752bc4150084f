/** The initials of a name. */
export function Avatar({ name, className = 'size-8 text-xs' }: { name: string; className?: string }) {
  const words = name.split(/\s+/).filter(Boolean)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) =>
    word ? ([...word][0] ?? '') : '',
  )
  return (
    <span
      aria-hidden
      className={`grid shrink-0 place-items-center rounded-full bg-accent-tint font-semibold text-accent-text uppercase ${className}`}
    >
      {letters.join('')}
    </span>
  )
}
