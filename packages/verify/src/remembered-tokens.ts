import type { CheckedToken } from './check-token.ts'

type Remembered = { token: string; checked: CheckedToken }

/** The number of characters at the end of a token used as key: its signature, which is enough to distinguish tokens. */
const keyLength = 86

/**
 * A cache of verified tokens. Those not used for the longest time are dropped first. It holds only genuine tokens, so garbage cannot displace
 * them.
 *
 * Tokens are found by their spelling, which is right for a cache but not for revocation, because a token can have two valid signatures.
 * Revocation therefore uses `sid` and `sub`, and is checked at every request.
 *
 * It has two generations instead of a list in order of use, so a hit needs one look-up and no write. When the recent generation is full, it
 * becomes the older one, and tokens of the previous older one that were not used since are dropped. The key is the signature alone, because a
 * map hashes the whole key; the token is then compared in full.
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
    // A token is usually a slice of a longer header, which would stay in memory. Keep a copy of only the token.
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
