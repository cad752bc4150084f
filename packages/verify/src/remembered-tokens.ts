import type { CheckedToken } from './check-token.ts'

type Remembered = { token: string; checked: CheckedToken }

/**
 * The number of characters at the end of a token that are its key in the cache. They are the signature (with RS256, its end), which is
 * different for each token.
 */
const keyLength = 86

/**
 * A cache of verified tokens. If it is full, it removes the tokens that were not used for the longest time. It contains only verified
 * tokens, so invalid tokens cannot fill it.
 *
 * The cache compares the text of tokens. Revocation must not do so, because the same claims can have two valid signatures. So revocation
 * uses `sid` and `sub`, and is checked at every request.
 *
 * The cache has two maps, a recent and an older one, instead of a list in order of use. So finding a recent token needs one look-up and no
 * write. When the recent map is full, it replaces the older map. Tokens that were only in the older map are removed. The key in each map is
 * only the signature, because a map hashes the complete key, and a token is longer. After a match, the complete token is compared.
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
    // A token is usually a slice of a longer header, and would keep that header in memory. So store a copy of the token.
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
