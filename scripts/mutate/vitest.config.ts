// The configuration for the tests of `npm run mutate`. They run in a copy of the checkout. The code of the copy contains all changes, of
// which only one is active at a time.
import { globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const copy = process.cwd()
const exclude = ['**/node_modules/**', '**/*.slow.test.ts']
const include = globSync(JSON.parse(process.env.MUTATE_TESTS ?? '[]') as string[], { cwd: copy, exclude })
const replacesModules = (file: string) => readFileSync(join(copy, file), 'utf8').includes('vi.mock(')

/** Runs small test files first. They are fast, and the first test that fails detects a change. */
class SmallestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const size = ({ moduleId }: TestSpecification) => statSync(moduleId).size
    return [...files].sort((one, other) => size(one) - size(other))
  }
}

export default defineConfig({
  // The copy uses the `node_modules` of the checkout, which links to the unchanged packages. The aliases replace these packages by those of
  // the copy.
  resolve: { alias: globSync('packages/*/package.json', { cwd: copy }).flatMap(exportsOf) },
  test: {
    // scripts/test/postgres.ts provides the same value. All processes of a run use one PostgreSQL server.
    provide: { postgresUrl: process.env.MUTATE_POSTGRES ?? '' },
    execArgv: ['--import', new URL('../test/one-file/hook.mjs', import.meta.url).href],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { sequencer: SmallestFirst },
    // If modules are loaded only once for all test files, a run takes half of the time. Tests that replace a module cannot share modules.
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
