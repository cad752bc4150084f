import type { CheckedToken } from './check-token.ts'

type Remembered = { token: string; checked: CheckedToken }

/** Characters at a token's end that it is looked up by: its signature, and enough to tell any two apart. */
const keyLength = 86

/**
 * Tokens that have been checked; those not seen for the longest time are forgotten first. Only genuine tokens get in, so
 * nobody can push them out with garbage.
 *
 * Known by spelling, which is right for remembering and would be wrong for refusing: one token can have two valid
 * signatures. Revocation therefore goes by `sid` and `sub` and is asked at every request.
 *
 * Two generations instead of a list in order of use: a hit costs one look-up and no writing. When the recent one is full
 * it becomes the older one, and what was in that and has not been asked for since is gone. Looked up by the signature
 * alone, because a map hashes its whole key, and then compared in full.
 */
export class RememberedTokens {
  readonly #generationSize: number
  #recent = new Map<string, Remembered>()
  #older = new Map<string, Remembered>()

  constructor(limit: number) {
    this.#generationSize = Math.ceil(limit / 2)
  }

  find(token: string): CheckedToken | undefined {
    const key = token.slice(-keyLength)
    const recent = this.#recent.get(key)
    if (recent !== undefined) return recent.token === token ? recent.checked : undefined
    const older = this.#older.get(key)
    if (older === undefined || older.token !== token) return undefined
    this.#older.delete(key)
    this.#keep(older)
    return older.checked
  }

  add(token: string, checked: CheckedToken): void {
    if (this.#generationSize === 0) return
    // A token is usually a slice of a longer header, which would stay in memory with it: keep a copy of just the token.
    this.#keep({ token: Buffer.from(token, 'latin1').toString('latin1'), checked })
  }

  forget(token: string): void {
    const key = token.slice(-keyLength)
    this.#recent.delete(key)
    this.#older.delete(key)
  }

  get size(): number {
    return this.#recent.size + this.#older.size
  }

  #keep(remembered: Remembered): void {
    this.#recent.set(remembered.token.slice(-keyLength), remembered)
    if (this.#recent.size < this.#generationSize) return
    this.#older = this.#recent
    this.#recent = new Map()
  }
}
