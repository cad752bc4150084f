import type { CheckedToken } from './check-token.ts'

/**
 * Tokens that have been checked, the least recently used forgotten first. Only genuine tokens get in, so nobody can
 * push them out with garbage.
 *
 * Keyed by spelling, which is right for remembering and would be wrong for refusing: one token can have two valid
 * signatures. Revocation therefore goes by `sid` and `sub` and is asked at every request.
 */
export class RememberedTokens {
  readonly #limit: number
  readonly #tokens = new Map<string, CheckedToken>()

  constructor(limit: number) {
    this.#limit = limit
  }

  find(token: string): CheckedToken | undefined {
    const found = this.#tokens.get(token)
    if (found !== undefined) {
      this.#tokens.delete(token)
      this.#tokens.set(token, found)
    }
    return found
  }

  add(token: string, checked: CheckedToken): void {
    if (this.#limit === 0) return
    // A token is usually a slice of a Cookie header, which would stay in memory with it: keep a copy of just the token.
    this.#tokens.set(Buffer.from(token, 'latin1').toString('latin1'), checked)
    if (this.#tokens.size <= this.#limit) return
    const oldest = this.#tokens.keys().next()
    if (!oldest.done) this.#tokens.delete(oldest.value)
  }

  forget(token: string): void {
    this.#tokens.delete(token)
  }

  get size(): number {
    return this.#tokens.size
  }
}
