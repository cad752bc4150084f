/** What the estimator says about a password (zxcvbn): 0, the first that anybody tries, to 4, very unguessable. */
export type Estimate = { score: 0 | 1 | 2 | 3 | 4; warning: string | null; suggestions: readonly string[] }

/** How good a password is, for the person who is choosing it. */
export type Strength = { level: 0 | 1 | 2 | 3 | 4; label: string; advice: string }

/** The shortest that the server takes unless it is told otherwise; it has the last word. */
const minCharacters = 12

const labels = ['Very weak', 'Weak', 'Fair', 'Good', 'Strong'] as const

/**
 * Length comes first: the server takes nothing shorter, whatever else is good about it. Counted in code points, as the server does
 * (NIST 800-63B-4 section 3.1.1.2). Without an estimate, which may never come, it says what can be said without one.
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
  // One sentence: a second one would have to be read before the next key is pressed.
  return (
    warning ?? suggestions[0] ?? (score === 3 ? 'Hard to guess.' : 'Add a word that nobody would expect.')
  )
}
