import { expect, test } from 'vitest'
import { readConfig } from '../../config/config.ts'
import type { Context } from '../../services/context.ts'
import { password, testOptions } from '../../testing/sallyport.ts'
import { sourceFrom } from '../../testing/throttle-context.ts'
import { requireAcceptablePassword } from './password.ts'
import { createUser } from './sign-up.ts'

test.each(['a caller', 'an operator'])(
  'passes the signal of the request, if any, to the hash for %s',
  async (who) => {
    const seen: unknown[] = []
    const stop = new Error('stopped')
    const passwords = {
      hash(_: string, signal: unknown) {
        seen.push(signal)
        return Promise.reject(stop)
      },
    }
    const context = { config: readConfig(testOptions), passwords, breached: null } as unknown as Context
    const { signal } = new AbortController()
    const source = who === 'a caller' ? { ...sourceFrom(null), signal } : null
    const about = { email: 'ada@example.com', name: 'Ada' }
    const acceptable = await requireAcceptablePassword(context, password, about)
    await expect(createUser(context, { ...about, password: acceptable }, source)).rejects.toBe(stop)
    expect(seen).toHaveLength(1)
    expect(seen[0]).toBe(source?.signal ?? null)
  },
)
