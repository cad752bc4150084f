/**
 * What several instances of an app share, so that a backend which takes each refresh token once is asked once: Redis, PostgreSQL, or
 * anything else that can store a value if none is there. docs/existing-backends.md has both.
 *
 * Values are encrypted under a key that only the spent refresh token yields: the store never has a token in plain text. Every
 * entry expires. A method that throws counts as an outage: nobody is signed out, and no refresh token is spent.
 */
export type RefreshStore = {
  /** The value of a key, or null when there is none or its time has passed. */
  get(key: string): Promise<string | null>
  /** Stores the value if there is none, and answers whether it did. Of several callers at once, exactly one may be told true. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>
  /** Stores the value, in place of any other. */
  set(key: string, value: string, ttlMs: number): Promise<void>
  /** Removes the entry, if there is one. */
  delete(key: string): Promise<void>
}

const methods = ['get', 'setIfAbsent', 'set', 'delete'] as const

/** @throws TypeError for what is neither a store, nor false, nor left out. */
export function requireRefreshStore(store: unknown): void {
  if (store === undefined || store === false) return
  const has = (name: string) => typeof (store as Record<string, unknown>)[name] === 'function'
  if (typeof store !== 'object' || store === null || !methods.every(has))
    throw new TypeError(
      `customIssuer: \`refreshStore\` must be an object with the methods ${methods.join(', ')}, or false where one instance is all there is. docs/existing-backends.md shows one for Redis and one for PostgreSQL.`,
    )
}
