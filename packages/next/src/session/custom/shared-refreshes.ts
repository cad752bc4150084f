import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { problem } from '@sallyport/protocol'
import type { RefreshStore } from '../../config/refresh-store.ts'
import type { Refused } from '../auth-server-answer.ts'
import type { AuthServerClient, BrowserDetails } from '../auth-server-client.ts'
import type { Tokens } from '../session-cookies.ts'
import { report } from './report.ts'

type Refreshed = { ok: true; tokens: Tokens }
type Answer = Refreshed | Refused

export type SharedRefreshes = {
  /**
   * Exchanges a refresh token at the backend. If another instance is exchanging it, or has just done so, returns that instance's answer.
   */
  refresh: AuthServerClient['refresh']
  /**
   * Returns the tokens that the backend has issued for this refresh token to any instance. If an instance is exchanging the token now,
   * waits for its answer. Returns null if no tokens are remembered.
   */
  known(refreshToken: string): Promise<Tokens | null>
  /** Records for all instances that the session of this refresh token has ended. If `isOver` is false, the record is removed. */
  noteSignOut(refreshToken: string, isOver: boolean): Promise<void>
  isSignedOut(refreshToken: string): Promise<boolean>
}

type Options = {
  store: RefreshStore
  /** The origin of the backend. It is part of the keys, because several backends may use the same store. */
  origin: string
  refresh: AuthServerClient['refresh']
  /** Returns whether the API has refused this access token. Then an answer that contains it must not be used. */
  isOutdated(accessToken: string): boolean
  /** For how long an answer is remembered, in milliseconds. */
  rememberMs: number
  /** For how long one instance may be exchanging a token, in milliseconds. After this time, another instance may try. */
  claimMs: number
}

/** For how long a sign-out is remembered for the other instances, in milliseconds. */
const signOutMs = 24 * 60 * 60 * 1000
const pollMs = 25
const claimed = 'claimed'

/** Coordinates the refreshes of all instances of an app. */
export function createSharedRefreshes({
  store,
  origin,
  refresh,
  isOutdated,
  rememberMs,
  claimMs,
}: Options): SharedRefreshes {
  const entryFor = (refreshToken: string, purpose: string) => createEntry(origin, refreshToken, purpose)

  /** Returns the answer in an entry, or null if there is no entry. If an instance is refreshing, waits for its answer. */
  async function settled({ key, open }: Entry): Promise<Answer | null> {
    // `performance.now()` is used because it never goes back. If the system clock is set back, the wait must not become longer.
    const until = performance.now() + claimMs
    for (;;) {
      const value = await store.get(key)
      if (value === null) return null
      if (value !== claimed) return open(value)
      if (performance.now() > until) return refused('unavailable')
      await wait(pollMs)
    }
  }

  /**
   * Returns the newest usable answer for a refresh token, and the entry of that answer. If there is no usable answer, `answer` is null, and
   * the next answer must be stored in the returned entry. A backend may return the same refresh token again, so there may be several
   * answers for one token.
   */
  async function newest(refreshToken: string): Promise<{ answer: Answer | null; entry: Entry }> {
    let entry = entryFor(refreshToken, 'refresh')
    for (;;) {
      const answer = await settled(entry)
      const isSpent =
        answer?.ok && answer.tokens.refreshToken === refreshToken && isOutdated(answer.tokens.accessToken)
      if (!isSpent) return { answer, entry }
      entry = entryFor(refreshToken, `refresh instead of ${answer.tokens.accessToken}`)
    }
  }

  async function ask(refreshToken: string, browser: BrowserDetails, { key, seal }: Entry): Promise<Answer> {
    const answer = await refresh(refreshToken, browser)
    // If the store fails here, the error is only logged, because the tokens must still reach the browser.
    await attempt(() =>
      answer.ok || answer.problem.code === 'session_ended'
        ? store.set(key, seal(answer), rememberMs)
        : // After a failure, the entry is removed, so that a waiting instance may try immediately.
          store.delete(key),
    )
    return answer
  }

  return {
    async refresh(refreshToken, browser) {
      try {
        for (;;) {
          const { answer, entry } = await newest(refreshToken)
          if (answer !== null) return answer
          if (await store.setIfAbsent(entry.key, claimed, claimMs))
            return await ask(refreshToken, browser, entry)
        }
      } catch (error) {
        failed(error)
        return refused('unavailable')
      }
    },
    async known(refreshToken) {
      const { answer } = await newest(refreshToken)
      return answer?.ok ? answer.tokens : null
    },
    async noteSignOut(refreshToken, isOver) {
      const { key, seal } = entryFor(refreshToken, 'sign-out')
      await attempt(() =>
        isOver ? store.set(key, seal(refused('session_ended')), signOutMs) : store.delete(key),
      )
    },
    async isSignedOut(refreshToken) {
      const { key, open } = entryFor(refreshToken, 'sign-out')
      const value = await store.get(key)
      return value !== null && !open(value).ok
    },
  }
}

function refused(code: 'session_ended' | 'unavailable'): Refused {
  return { ok: false, problem: problem(code) }
}

async function attempt(what: () => Promise<void>): Promise<void> {
  try {
    await what()
  } catch (error) {
    failed(error)
  }
}

/** Logs the name of an error, but not its message, because the message of a database driver may contain a password. */
export function failed(error: unknown): void {
  report(
    `the refresh store failed (${error instanceof Error ? error.name : typeof error}). No session ends because of this, but none is refreshed until the store works again.`,
  )
}

type Entry = { key: string; seal(answer: Answer): string; open(value: string): Answer }

/**
 * Derives two values from the refresh token: the key of the entry in the store, and the encryption key of its value. Neither of them
 * reveals the token or the other one.
 */
function createEntry(origin: string, refreshToken: string, purpose: string): Entry {
  const derive = (use: string) =>
    Buffer.from(hkdfSync('sha256', refreshToken, origin, `sallyport ${use}: ${purpose}`, 32))
  const key = `sallyport:${derive('name').toString('base64url')}`
  const cipherKey = derive('cipher')
  return {
    key,
    seal(answer) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', cipherKey, iv).setAAD(Buffer.from(key))
      const text = JSON.stringify(answer.ok ? answer.tokens : null)
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')
    },
    /** @throws Error if the value was not written with this refresh token. */
    open(value) {
      const bytes = Buffer.from(value, 'base64url')
      const cipher = createDecipheriv('aes-256-gcm', cipherKey, bytes.subarray(0, 12), { authTagLength: 16 })
      cipher.setAAD(Buffer.from(key)).setAuthTag(bytes.subarray(12, 28))
      const text = Buffer.concat([cipher.update(bytes.subarray(28)), cipher.final()]).toString('utf8')
      const tokens = JSON.parse(text) as Tokens | null
      return tokens === null ? refused('session_ended') : { ok: true, tokens }
    },
  }
}
