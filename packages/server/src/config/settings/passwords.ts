import { availableParallelism } from 'node:os'
import { minimumPasswordLength } from '@sallyport/protocol/endpoints'
import { z } from 'zod'
import { base64, flag, isHttpUrl, whole } from '../setting-values.ts'
import type { Setting } from './setting.ts'

/**
 * The number of threads in libuv's pool. These threads hash the passwords. If more hashes than this ran at once, some of them would only
 * wait inside the pool.
 */
const poolThreads = Number(process.env.UV_THREADPOOL_SIZE) || 4

/** Which passwords are accepted, and how they are hashed. */
export const passwordSettings = {
  minimumPasswordLength: {
    env: 'SALLYPORT_MINIMUM_PASSWORD_LENGTH',
    schema: whole(minimumPasswordLength, 8, 64),
    unit: 'code points',
    description: 'Minimum length of a new password.',
  },
  hashConcurrency: {
    env: 'SALLYPORT_HASH_CONCURRENCY',
    schema: whole(Math.min(availableParallelism(), poolThreads), 1, 64),
    unit: 'hashes',
    description:
      'How many passwords are hashed at once. Default: the number of cores, but at most the size of libuv’s thread pool (`UV_THREADPOOL_SIZE`, 4).',
  },
  hashQueueLength: {
    env: 'SALLYPORT_HASH_QUEUE_LENGTH',
    schema: whole(256, 0, 10_000),
    unit: 'requests',
    description: 'How many requests may wait for a hash; further ones get 503 with `Retry-After`.',
  },
  hashMemoryKibibytes: {
    env: 'SALLYPORT_HASH_MEMORY_KIBIBYTES',
    schema: whole(19_456, 8_192, 262_144),
    unit: 'KiB',
    description: 'argon2id memory (m).',
  },
  hashIterations: {
    env: 'SALLYPORT_HASH_ITERATIONS',
    schema: whole(2, 1, 20),
    unit: 'passes',
    description: 'argon2id passes (t). Memory times passes must be at most 1048576.',
  },
  breachUrl: {
    env: 'SALLYPORT_BREACH_URL',
    schema: z
      .string({ error: 'must be text' })
      .refine(isHttpUrl, 'must be an https address, such as https://api.pwnedpasswords.com/range/')
      .optional(),
    description:
      'A service that lists breached passwords. It gets the first five characters of the SHA-1 of each new password. Not set: no such check.',
  },
  breachTimeoutMs: {
    env: 'SALLYPORT_BREACH_TIMEOUT_MS',
    schema: whole(1_000, 50, 10_000),
    unit: 'milliseconds',
    description: 'Time limit for an answer of that service.',
  },
  breachFailure: {
    env: 'SALLYPORT_BREACH_FAILURE',
    schema: z.enum(['open', 'closed'], { error: 'must be open or closed' }).default('open'),
    description:
      'If that service does not answer: `open` accepts the password if the other rules do, `closed` refuses it with 503.',
  },
  legacySha2: {
    env: 'SALLYPORT_LEGACY_SHA2',
    schema: flag.default(false),
    description:
      '`1`: imported passwords may be hashed with salted SHA-256 or SHA-512, until their owners sign in. Such hashes are fast to guess: see [passwords](passwords.md).',
  },
  firebaseSignerKey: {
    env: 'SALLYPORT_FIREBASE_SIGNER_KEY',
    schema: base64.optional(),
    secret: true,
    description: 'For users of a Firebase project: `base64_signer_key` of its password hash parameters.',
  },
  firebaseSaltSeparator: {
    env: 'SALLYPORT_FIREBASE_SALT_SEPARATOR',
    schema: base64.default('Bw=='),
    description: 'For users of a Firebase project: `base64_salt_separator`.',
  },
} as const satisfies Record<string, Setting>
