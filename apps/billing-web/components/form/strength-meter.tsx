import type { Strength } from '../../account/password-strength.ts'

const colours = ['bg-bad', 'bg-bad', 'bg-warn', 'bg-good', 'bg-good'] as const

/**
 * Shows the strength of the password as four bars, a word and a sentence. Before the user types, it shows advice. Its size never changes.
 */
export function StrengthMeter({ strength }: { strength: Strength | null }) {
  const filled = strength === null ? 0 : Math.max(1, strength.level)
  return (
    <>
      <span aria-hidden className="mb-2 grid grid-cols-4 gap-1 noscript:hidden">
        {colours.slice(1).map((_, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: four bars, always the same
            key={index}
            className={`h-1 rounded-full transition-colors ${strength !== null && index < filled ? colours[strength.level] : 'bg-line'}`}
          />
        ))}
      </span>
      <span aria-live="polite" className="block min-h-10">
        {strength === null ? (
          'At least 12 characters. A few words are easier to remember than symbols.'
        ) : (
          <>
            <span className="font-medium text-ink">{strength.label}.</span> {strength.advice}
          </>
        )}
      </span>
    </>
  )
}
