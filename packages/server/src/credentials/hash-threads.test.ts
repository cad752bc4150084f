import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { expect, test } from 'vitest'
import { createHashQueue } from './hash-queue.ts'
import { createPasswords } from './password.ts'

test.runIf(process.platform === 'linux')(
  'hashing threads have a lower priority than the main thread [A07]',
  async () => {
    await createPasswords(createHashQueue({ concurrency: 1, queueLength: 1 }), {
      memoryKibibytes: 8_192,
      iterations: 1,
      parallelism: 1,
    })
    const threads = readdirSync('/proc/self/task').map((id) => ({
      name: readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim(),
      priority: getPriority(Number(id)),
    }))
    const hashing = threads.filter(({ name }) => name === 'libuv-worker')
    expect(hashing.length).toBeGreaterThan(0)
    expect(new Set(hashing.map(({ priority }) => priority))).toEqual(new Set([10]))
    expect(getPriority()).toBe(0)
  },
)
