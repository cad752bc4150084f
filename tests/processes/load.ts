import { setTimeout as wait } from 'node:timers/promises'
import { paths } from '@sallyport/protocol/endpoints'
import { type Random, seededRandom } from '../../packages/server/src/testing/random.ts'
import {
  type Answer,
  isActive,
  login,
  newEmail,
  patienceMs,
  refresh,
  register,
  send,
  signOut,
  type Tokens,
  tokensOf,
  until,
} from './client.ts'

/** A user, the user's tokens, and what the servers have confirmed to the client. */
type Held = { email: string; tokens: Tokens; state: 'signed in' | 'signing out' | 'signed out' }

/** The time between two tries of a client after a 503, in milliseconds. It is intentionally shorter than `Retry-After: 1`. */
const retryMs = 100

/** Clients that refresh, sign up and sign out in a loop, at several servers in turn, and record what was acknowledged. */
export class Load {
  /** `done` is the number of successful requests, and `refused` is the number of requests that got a 503. */
  done = 0
  refused = 0
  /** All other responses. There should be none. */
  readonly wrong: string[] = []
  /** If true, nobody signs up or out any more, and the clients only refresh. A refresh reads and writes single rows. */
  onlyRefreshes = false
  readonly #urls: readonly string[]
  readonly #held: Held[] = []
  readonly #clients: Promise<void>[]
  #isOver = false

  constructor(urls: readonly string[], clients: number) {
    this.#urls = urls
    this.#clients = Array.from({ length: clients }, (_, index) => this.#client(seededRandom(index)))
  }

  /** Waits for this many more successes. */
  async goesWell(successes = 40): Promise<void> {
    const enough = this.done + successes
    await until('work that succeeds', () => this.done >= enough)
  }

  /** Waits until this many requests got a 503. */
  async isRefused(times: number): Promise<void> {
    const enough = this.refused + times
    await until('answers of 503', () => this.refused >= enough)
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#clients)
  }

  /** Asks the servers for everything that they have acknowledged, and returns what is missing. */
  async lost(): Promise<string[]> {
    const [url = '', other = url] = this.#urls
    const missing: string[] = []
    for (const { email, tokens, state } of this.#held) {
      const { status, code } = await answered(() => refresh(url, tokens.refreshToken))
      if (state === 'signed in' && status !== 200) missing.push(`an open session: ${status} ${code}`)
      if (state === 'signed out' && code !== 'session_ended') missing.push(`a sign-out: ${status} ${code}`)
      if (state === 'signed out' && (await isActive(other, tokens.accessToken)))
        missing.push('a sign-out: its access token is accepted')
      if ((await answered(() => login(other, email))).status !== 200) missing.push('a registration')
    }
    return missing
  }

  /** The number of users whose sign-up was confirmed, and how many of them are signed in now. */
  get acknowledged(): { people: number; signedIn: number } {
    return {
      people: this.#held.length,
      signedIn: this.#held.filter(({ state }) => state === 'signed in').length,
    }
  }

  async #client(random: Random): Promise<void> {
    let held: Held | null = null
    while (!this.#isOver) {
      const url = random.pick(this.#urls)
      if (held === null) held = await this.#signUp(url)
      else if (held.state === 'signing out' || (!this.onlyRefreshes && random.chance(0.1)))
        held = await this.#signOut(url, held)
      else if (random.chance(0.2)) await this.#look(url, held)
      else await this.#refresh(url, held)
    }
  }

  async #signUp(url: string): Promise<Held | null> {
    const email = newEmail()
    const answer = await this.#ask('POST register', () => register(url, email))
    if (answer?.status !== 200) return null
    const held: Held = { email, tokens: tokensOf(answer), state: 'signed in' }
    this.#held.push(held)
    return held
  }

  async #refresh(url: string, held: Held): Promise<void> {
    const answer = await this.#ask('POST refresh', () => refresh(url, held.tokens.refreshToken))
    if (answer?.status === 200) held.tokens = tokensOf(answer)
  }

  async #look(url: string, { tokens }: Held): Promise<void> {
    await this.#ask('GET session', () => send(url, 'GET', paths.readSession, { token: tokens.accessToken }))
  }

  async #signOut(url: string, held: Held): Promise<Held | null> {
    // From here on, the sign-out may have happened, whatever the response is.
    held.state = 'signing out'
    const answer = await this.#ask('POST logout', () => signOut(url, held.tokens.refreshToken))
    if (answer?.status !== 204) return held
    held.state = 'signed out'
    return null
  }

  async #ask(what: string, work: () => Promise<Answer>): Promise<Answer | null> {
    const started = performance.now()
    const answer = await work().catch((error: unknown) => {
      this.wrong.push(`${what}: no answer, ${error}`)
      return null
    })
    const ms = performance.now() - started
    if (ms > patienceMs) this.wrong.push(`${what}: an answer after ${Math.round(ms)} ms`)
    if (answer === null) await wait(retryMs)
    else if (answer.status < 300) this.done += 1
    else {
      if (answer.status === 503 && answer.retryAfter !== null) this.refused += 1
      else this.wrong.push(`${what}: ${answer.status} ${answer.code} ${answer.retryAfter}`)
      await wait(retryMs)
    }
    return answer
  }
}

/** Returns the final response. After a 503 it tries again, more than once, because a pool may have several broken connections. */
async function answered(ask: () => Promise<Answer>): Promise<Answer> {
  let answer = await ask()
  await until('an answer that is no 503', async () => {
    if (answer.status === 503) answer = await ask()
    return answer.status !== 503
  })
  return answer
}
