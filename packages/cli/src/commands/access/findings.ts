/** A name that the definition does not have, or settings that contradict it. `where` is a place in the code, a setting, or `users`. */
export type Mistake = { where: string; message: string }

/** The results of one comparison. */
export type Findings = {
  mistakes: Mistake[]
  /** What may be intended, such as a permission that no guard requires. */
  notes: string[]
  /** What was compared, such as `12 guards in 30 files`. */
  compared: string
}

/** Returns a number with its noun: `1 user`, `2 users`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}
