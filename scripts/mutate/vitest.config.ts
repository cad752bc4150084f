// For the tests of `npm run mutate`, which run in a copy of the checkout whose code contains all changes at once.
import { globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const copy = process.cwd()
const exclude = ['**/node_modules/**', '**/*.slow.test.ts']
const include = globSync(JSON.parse(process.env.MUTATE_TESTS ?? '[]') as string[], { cwd: copy, exclude })
const replacesModules = (file: string) => readFileSync(join(copy, file), 'utf8').includes('vi.mock(')

/** A change is detected at the first test that fails: small files run first, because they are the fast ones. */
class SmallestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const size = ({ moduleId }: TestSpecification) => statSync(moduleId).size
    return [...files].sort((one, other) => size(one) - size(other))
  }
}

export default defineConfig({
  // `node_modules` is the checkout's, with links to its packages: the aliases lead to the changed ones of the copy.
  resolve: { alias: globSync('packages/*/package.json', { cwd: copy }).flatMap(exportsOf) },
  test: {
    // As scripts/test/postgres.ts does; one server serves all processes of a run.
    provide: { postgresUrl: process.env.MUTATE_POSTGRES ?? '' },
    execArgv: ['--import', new URL('../test/one-file/hook.mjs', import.meta.url).href],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { sequencer: SmallestFirst },
    // Loading modules once for all files halves the time; tests that replace a module cannot share them.
    projects: [
      {
        extends: true,
        test: { name: 'together', isolate: false, include: include.filter((file) => !replacesModules(file)) },
      },
      { extends: true, test: { name: 'alone', include: include.filter(replacesModules) } },
    ],
  },
})

function exportsOf(manifest: string) {
  const { name, exports = {} } = JSON.parse(readFileSync(join(copy, manifest), 'utf8')) as {
    name: string
    exports?: Record<string, string>
  }
  return Object.entries(exports).map(([path, file]) => ({
    find: new RegExp(`^${name}${path.slice(1)}$`),
    replacement: join(copy, dirname(manifest), file),
  }))
}
