// Runs with every file that shares its worker with others. A file that leaves timers or `fetch` replaced would make later files hang.
import { afterAll, vi } from 'vitest'

const names = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'queueMicrotask',
  'fetch',
  'Request',
  'Response',
  'Headers',
  'Date',
] as const

/** The globals as they were before the first file of this worker. */
const stored = globalThis as { sallyportGlobals?: Record<string, unknown> }
stored.sallyportGlobals ??= Object.fromEntries(names.map((name) => [name, globalThis[name]]))
const originals = stored.sallyportGlobals

afterAll(() => {
  vi.restoreAllMocks()
  const replaced = names.filter((name) => globalThis[name] !== originals[name])
  Object.assign(globalThis, originals)
  if (replaced.length > 0)
    throw new Error(
      `This file leaves ${replaced.join(', ')} replaced. Restore spies first, and then the real timers (onTestFinished runs in reverse order).`,
    )
})
