import type { Random } from '../../packages/server/src/testing/random.ts'
import { type Answer, refresh, type Tokens, tokensOf } from './client.ts'

/** A session as its client has it: what was ever issued to it, the newest last. */
export class Lineage {
  readonly issued: Tokens[] = []
  /** What a refresh was refused with; null while none has been. */
  refusal: Answer | null = null
  #left = Number.POSITIVE_INFINITY

  constructor(first: Tokens) {
    this.issued.push(first)
  }

  get current(): Tokens {
    return this.issued.at(-1) as Tokens
  }

  /** Refreshes without end, now and then with one token at several doors at once, and says after each answer that it came. */
  async keepRefreshing(urls: readonly string[], random: Random, onAnswer: () => void): Promise<void> {
    for (; this.#left > 0 && this.refusal === null; this.#left -= 1) {
      const { refreshToken } = this.current
      const copies = random.chance(0.3) ? 3 : 1
      const answers = await Promise.all(
        Array.from({ length: copies }, () => refresh(random.pick(urls), refreshToken)),
      )
      for (const answer of answers) {
        if (answer.status === 200) this.issued.push(tokensOf(answer))
        // Busy, and it says so: asked again.
        else if (answer.status !== 503) this.refusal = answer
      }
      onAnswer()
    }
  }

  /** A few more, and it rests. */
  finish(): void {
    this.#left = 3
  }
}
