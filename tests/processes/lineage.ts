import type { Random } from '../../packages/server/src/testing/random.ts'
import { type Answer, refresh, type Tokens, tokensOf } from './client.ts'

/** A session as its client knows it: all tokens issued to it, newest last. */
export class Lineage {
  readonly issued: Tokens[] = []
  /** The response to a refused refresh. Null if no refresh was refused. */
  refusal: Answer | null = null
  #left = Number.POSITIVE_INFINITY

  constructor(first: Tokens) {
    this.issued.push(first)
  }

  get current(): Tokens {
    return this.issued.at(-1) as Tokens
  }

  /** Refreshes in a loop, sometimes with one token at several servers in parallel. Calls `onAnswer` after each round. */
  async keepRefreshing(urls: readonly string[], random: Random, onAnswer: () => void): Promise<void> {
    for (; this.#left > 0 && this.refusal === null; this.#left -= 1) {
      const { refreshToken } = this.current
      const copies = random.chance(0.3) ? 3 : 1
      const answers = await Promise.all(
        Array.from({ length: copies }, () => refresh(random.pick(urls), refreshToken)),
      )
      for (const answer of answers) {
        if (answer.status === 200) this.issued.push(tokensOf(answer))
        // 503 means that the server is busy. The next round tries again.
        else if (answer.status !== 503) this.refusal = answer
      }
      onAnswer()
    }
  }

  /** Stops after a few more rounds. */
  finish(): void {
    this.#left = 3
  }
}
