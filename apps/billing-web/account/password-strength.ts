/** The result of the estimator (zxcvbn), from 0 (easy to guess) to 4 (hard to guess). */
export type Estimate = { score: 0 | 1 | 2 | 3 | 4; warning: string | null; suggestions: readonly string[] }

/** The strength of a password, with advice for the user. */
export type Strength = { level: 0 | 1 | 2 | 3 | 4; label: string; advice: string }

/** The default minimum length. The server may have another minimum, and its check decides. */
const minCharacters = 12

const labels = ['Very weak', 'Weak', 'Fair', 'Good', 'Strong'] as const

/**
 * Returns the strength of a password. It checks the length first, because the server refuses passwords that are too short. It counts code
 * points, as the server does (NIST 800-63B-4 section 3.1.1.2). If there is no estimate, only the length is checked.
 */
export function judgePassword(password: string, estimate: Estimate | null): Strength | null {
  const length = [...password.normalize('NFC')].length
  if (length === 0) return null
  if (length < minCharacters) {
    const missing = minCharacters - length
    const advice = `${missing} more ${missing === 1 ? 'character' : 'characters'} to go.`
    return { level: estimate?.score === 0 ? 0 : 1, label: 'Too short', advice }
  }
  if (estimate === null) return null
  return { level: estimate.score, label: labels[estimate.score], advice: adviceOf(estimate) }
}

function adviceOf({ score, warning, suggestions }: Estimate): string {
  if (score === 4) return 'Hard to guess.'
  // The advice has only one sentence, because the user reads it while typing.
  return (
    warning ?? suggestions[0] ?? (score === 3 ? 'Hard to guess.' : 'Add a word that nobody would expect.')
  )
}
