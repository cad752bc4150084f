import { hash, verify } from '@node-rs/argon2'
import type { HashGate } from './hash-gate.ts'
import { yieldToRequests } from './hash-threads.ts'

export type PasswordParameters = { memoryKibibytes: number; iterations: number; parallelism: number }

export type Passwords = Awaited<ReturnType<typeof createPasswords>>

/** argon2id behind the gate. Unicode is normalised to NFC and nothing else (NIST 800-63B-4 section 3.1.1.2). */
export async function createPasswords(gate: HashGate, parameters: PasswordParameters) {
  const options = {
    memoryCost: parameters.memoryKibibytes,
    timeCost: parameters.iterations,
    parallelism: parameters.parallelism,
  }
  // argon2id is the library's default algorithm; naming its const enum would need a build.
  const make = (password: string) => hash(password.normalize('NFC'), options)
  // Made at the start and not at the first unknown address, which would otherwise take twice as long as the next (A02).
  const decoy = await make('nobody has this password')
  yieldToRequests()

  return {
    hash: (password: string, signal?: AbortSignal | null) => gate(() => make(password), signal),
    /** Whether the password is right. Without a hash the same work is done for nothing, so that time tells nothing (A02). */
    async verify(password: string, stored: string | null, signal?: AbortSignal | null): Promise<boolean> {
      const right = await gate(() => verify(stored ?? decoy, password.normalize('NFC')), signal)
      return right && stored !== null
    },
    needsRehash(stored: string): boolean {
      const found = stored.match(/^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/)
      return found === null || Number(found[1]) < options.memoryCost || Number(found[2]) < options.timeCost
    },
  }
}
