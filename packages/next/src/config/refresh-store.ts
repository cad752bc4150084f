/**
 * A store that several instances of an app share, so that they use each refresh token once: Redis, PostgreSQL, or
 * anything else that can store a value only if none exists. docs/existing-backends.md has an example of each.
 *
 * Values are encrypted with a key derived from the spent refresh token, so the store never has a token in plain text. All
 * entries expire. If a method throws, that counts as an outage: nobody is signed out, and no refresh token is spent.
 */
export type RefreshStore = {
  /** Returns the value of a key, or null if there is none or it has expired. */
  get(key: string): Promise<string | null>
  /** Stores the value if the key has none, and returns whether it did. Of several concurrent calls, exactly one may return true. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>
  /** Stores the value, replacing any other. */
  set(key: string, value: string, ttlMs: number): Promise<void>
  /** Removes the entry, if there is one. */
  delete(key: string): Promise<void>
}

const methods = ['get', 'setIfAbsent', 'set', 'delete'] as const

/** @throws TypeError unless the value is a store, false or undefined. */
export function requireRefreshStore(store: unknown): void {
  if (store === undefined || store === false) return
  const has = (name: string) => typeof (store as Record<string, unknown>)[name] === 'function'
  if (typeof store !== 'object' || store === null || !methods.every(has))
    throw new TypeError(
      `customIssuer: \`refreshStore\` must be an object with the methods ${methods.join(', ')}, or false if there is only one instance. docs/existing-backends.md shows one for Redis and one for PostgreSQL.`,
    )
}
