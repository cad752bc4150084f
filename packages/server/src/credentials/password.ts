import { hash, verify } from '@node-rs/argon2'
import type { HashGate } from './hash-gate.ts'

export type PasswordParameters = { memoryKibibytes: number; iterations: number; parallelism: number }

export type Passwords = ReturnType<typeof createPasswords>

/** argon2id behind the gate. Unicode is normalised to NFC and nothing else (NIST 800-63B-4 section 3.1.1.2). */
export function createPasswords(gate: HashGate, parameters: PasswordParameters) {
  const options = {
    memoryCost: parameters.memoryKibibytes,
    timeCost: parameters.iterations,
    parallelism: parameters.parallelism,
  }
  // argon2id is the library's default algorithm; naming its const enum would need a build.
  const make = (password: string) => hash(password.normalize('NFC'), options)
  let decoy: Promise<string> | undefined

  return {
    hash: (password: string) => gate(() => make(password)),
    /** Whether the password is right. Without a hash the same work is done for nothing, so that time tells nothing (A02). */
    async verify(password: string, stored: string | null): Promise<boolean> {
      decoy ??= make('nobody has this password')
      const against = stored ?? (await decoy)
      const right = await gate(() => verify(against, password.normalize('NFC')))
      return right && stored !== null
    },
    needsRehash(stored: string): boolean {
      const found = stored.match(/^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/)
      return found === null || Number(found[1]) < options.memoryCost || Number(found[2]) < options.timeCost
    },
  }
}
