import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/test/longest-first.ts'

/** `npm run test:all` sets it. */
const slow = process.env.SLOW_TESTS === '1'
const testsIn = (folder: string) => `${folder}/**/*${slow ? '.slow' : ''}.test.ts`

/** Each file takes less time than the modules that it imports. So all files of a worker share the modules. */
const sharing = [
  ...['cli', 'next', 'protocol', 'server', 'verify'].map((name) => `packages/${name}/src`),
  'apps',
  'scripts',
  'docs',
]

/**
 * Files of these packages that replace a module, or that test what a module remembers in its variables. They share nothing.
 */
const alone = [
  'packages/next/src/session/custom/connect.test.ts',
  'packages/next/src/session/custom/custom-issuer.test.ts',
  'packages/next/src/session/custom/report.test.ts',
  'packages/next/src/session/custom/shared-answers.test.ts',
  'packages/next/src/session/custom/token-issuer.test.ts',
  'packages/server/src/flows/sign-in/sign-in.test.ts',
  'packages/server/src/flows/work-of-a-request.test.ts',
  'packages/server/src/store/postgres.test.ts',
  'packages/verify/src/attacks/work.test.ts',
]

/** Slow suites that measure times, or that keep both cores busy. They run one after the other, when all others have ended. */
const quiet = ['bench/quick.slow.test.ts', 'tests/attacks/enumeration-by-time.slow.test.ts']

/** The databases of the tests that can run with each (packages/server/src/testing/stores.ts). */
const env = slow ? {} : { TEST_STORES: process.env.TEST_STORES ?? 'SQLite' }
/** The files with such tests. `npm run test:all` runs them on PostgreSQL. */
const onPostgres = globSync(['packages/{server,cli}/src/**/*.test.ts', 'tests/interop/*.test.ts'])
  .map((file) => file.replaceAll('\\', '/'))
  .filter(
    (file) =>
      !file.includes('.slow.') && /\bstoreKinds\b|testing\/organizations/.test(readFileSync(file, 'utf8')),
  )

const exclude = ['**/node_modules/**', ...(slow ? [] : ['**/*.slow.test.ts'])]

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'sharing',
          include: sharing.map(testsIn),
          exclude: [...exclude, ...alone],
          isolate: false,
          env,
          setupFiles: ['scripts/test/leave-clean.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          env,
          include: [...['bench', 'tests'].map(testsIn), ...(slow ? [] : alone)],
          exclude: [...exclude, ...quiet],
        },
      },
      ...(slow
        ? [
            {
              extends: true as const,
              test: {
                name: 'PostgreSQL',
                include: onPostgres,
                exclude: ['**/node_modules/**', ...alone],
                isolate: false,
                env: { TEST_STORES: 'PostgreSQL' },
                setupFiles: ['scripts/test/leave-clean.ts'],
              },
            },
            {
              extends: true as const,
              test: {
                name: 'quiet',
                include: quiet,
                maxWorkers: 1,
                sequence: { groupOrder: 1 },
              },
            },
          ]
        : []),
    ],
    globalSetup: [
      'scripts/test/one-file/make.ts',
      'scripts/test/postgres.ts',
      'tests/system/example/set-up.ts',
    ],
    execArgv: ['--import', new URL('scripts/test/one-file/hook.mjs', import.meta.url).href],
    // Many of these wait for processes and browsers: with three workers, a fifth of two cores was idle.
    maxWorkers: Math.max(4, Math.min(availableParallelism(), 6)),
    sequence: { sequencer: LongestFirst },
    // Whole journeys in a browser, on machines that may be half as fast as ours; what hangs is found all the same.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // A condition that a test waits for comes late on a busy machine; the default is a second.
    expect: { poll: { timeout: 60_000 } },
  },
})
