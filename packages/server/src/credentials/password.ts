import { hash } from '@node-rs/argon2'
import type { Check } from './foreign/check.ts'
import { argon2Check, isArgon2Bounded } from './foreign/phc.ts'
import { checkOf, type ForeignHashConfig } from './foreign-hash.ts'
import type { createHashQueue } from './hash-queue.ts'
import { yieldToRequests } from './hash-threads.ts'

export type PasswordParameters = { memoryKibibytes: number; iterations: number; parallelism: number }

export type Passwords = Awaited<ReturnType<typeof createPasswords>>

/**
 * Creates the functions that hash and check passwords with argon2id. All hashes go through the queue. Text is normalised to NFC and not
 * changed in any other way (NIST SP 800-63B-4 section 3.1.1.2).
 *
 * @throws TypeError when the parameters exceed the limits for the cost of one hash.
 */
export async function createPasswords(
  queue: ReturnType<typeof createHashQueue>,
  parameters: PasswordParameters,
  foreign: ForeignHashConfig = { legacySha2: false, firebase: null },
) {
  const { memoryKibibytes, iterations: passes, parallelism: lanes } = parameters
  if (!isArgon2Bounded({ memoryKibibytes, passes, lanes }))
    throw new TypeError(
      'SALLYPORT_HASH_MEMORY_KIBIBYTES times SALLYPORT_HASH_ITERATIONS must be at most 1048576, and SALLYPORT_HASH_MEMORY_KIBIBYTES must be at most 262144. Otherwise each sign-in would take seconds.',
    )
  const options = {
    memoryCost: parameters.memoryKibibytes,
    timeCost: parameters.iterations,
    parallelism: parameters.parallelism,
  }
  // argon2id is the default algorithm of the library. The algorithm is not named here, because its name is in a const enum of the library,
  // which cannot be used without a build.
  const make = (password: string) => hash(password.normalize('NFC'), options)
  // Make this hash at the start. If it were made at the first sign-in with an unknown address, that request would take twice as long as
  // others, and would show that the address is unknown.
  const decoy = await make('nobody has this password')
  const decoyCheck = argon2Check(decoy)
  yieldToRequests()

  return {
    /** @throws QueueFullError when the queue is full. */
    requireCapacity: () => queue.requireCapacity(),
    hash: (password: string, signal?: AbortSignal | null) => queue(() => make(password), signal),
    /**
     * Returns whether the password is right. The stored hash may also be a hash of another system. If there is no hash, or if its format is
     * unknown, another hash is checked, so that the response time is the same.
     */
    async verify(password: string, stored: string | null, signal?: AbortSignal | null): Promise<boolean> {
      const check = stored === null ? null : checkOf(stored, foreign)
      const right = await queue(() => matches(check ?? decoyCheck, password), signal)
      return right && check !== null
    },
    needsRehash(stored: string): boolean {
      const found = stored.match(/^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/)
      return found === null || Number(found[1]) < options.memoryCost || Number(found[2]) < options.timeCost
    },
  }
}

/**
 * Tries the normalised password. If this is not right and the password as entered differs from it, also tries the password as entered.
 * Sallyport's hashes use the normalised text, and hashes of other systems use the text as entered.
 */
async function matches(check: Check | null, password: string): Promise<boolean> {
  for (const text of new Set([password.normalize('NFC'), password])) if (await check?.(text)) return true
  return false
}
