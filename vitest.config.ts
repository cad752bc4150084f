import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/test/longest-first.ts'

const folders = ['packages/*/src', 'apps', 'scripts', 'docs', 'bench', 'tests']
/** `npm run test:all` sets it. */
const slow = process.env.SLOW_TESTS === '1'

export default defineConfig({
  test: {
    include: folders.map((folder) => `${folder}/**/*${slow ? '.slow' : ''}.test.ts`),
    exclude: ['**/node_modules/**', ...(slow ? [] : ['**/*.slow.test.ts'])],
    globalSetup: [
      'scripts/test/one-file/make.ts',
      'scripts/test/postgres.ts',
      'tests/system/example/set-up.ts',
    ],
    execArgv: ['--import', new URL('scripts/test/one-file/hook.mjs', import.meta.url).href],
    // Many of these wait for processes and browsers: with a worker for each core, a third of two cores was idle.
    maxWorkers: Math.max(3, Math.min(availableParallelism(), 6)),
    sequence: { sequencer: LongestFirst },
    // Whole journeys in a browser, on machines that may be half as fast as ours; what hangs is found all the same.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // A condition that a test waits for comes late on a busy machine; the default is a second.
    expect: { poll: { timeout: 60_000 } },
  },
})
