/**
 * A store that all instances of an app share, so that together they use each refresh token only once. It can be Redis, PostgreSQL, or any
 * other store with a write that succeeds only if the key has no value yet. docs/existing-backends.md has an example for Redis and one for
 * PostgreSQL.
 *
 * Values are encrypted with a secret that is derived from the refresh token, so the store never has a token in plain text. All entries
 * expire. If a method throws, that counts as an outage: nobody is signed out, and no refresh token is used.
 */
export type RefreshStore = {
  /** Returns the value of a key. Returns null if the key has no value, or if the value has expired. */
  get(key: string): Promise<string | null>
  /**
   * Stores the value if the key has no value yet, and returns whether it was stored. If several calls run at the same time, exactly one may
   * return true.
   */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>
  /** Stores the value. If the key already has a value, it is replaced. */
  set(key: string, value: string, ttlMs: number): Promise<void>
  /** Removes the entry, if there is one. */
  delete(key: string): Promise<void>
}

const methods = ['get', 'setIfAbsent', 'set', 'delete'] as const

/** @throws TypeError if the value is neither a store nor false nor undefined. */
export function requireRefreshStore(store: unknown): void {
  if (store === undefined || store === false) return
  const has = (name: string) => typeof (store as Record<string, unknown>)[name] === 'function'
  if (typeof store !== 'object' || store === null || !methods.every(has))
    throw new TypeError(
      `customIssuer: \`refreshStore\` must be an object with the methods ${methods.join(', ')}, or false if there is only one instance. docs/existing-backends.md shows one for Redis and one for PostgreSQL.`,
    )
}
