// The usage is: npm run mutate -- PATH... [--tests GLOB]... [--again] [--static]
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { TestProject } from 'vitest/node'
import { fail, root } from '../install.mjs'
import makeOneFile from '../test/one-file/make.ts'
import startPostgres from '../test/postgres.ts'
import { type Report, rangesOfSurvivors, showReport } from './report.ts'

const wanted = 90
const usage =
  'npm run mutate -- packages/verify/src/claims.ts [--tests "packages/verify/src/**/*.test.ts"] [--again]'
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tests: { type: 'string', multiple: true },
    again: { type: 'boolean' },
    static: { type: 'boolean' },
  },
})
const slashed = (path: string) => path.replaceAll('\\', '/')
const paths = positionals.map((path) => slashed(path).replace(/^\.\/|\/+$/g, ''))
const packages = [...new Set(paths.map(packageOf))]
if (packages.length === 0) fail(`Name a file or folder below packages/*/src: ${usage}`)

const files = paths.flatMap((path) =>
  /\.tsx?$/.test(path) ? [path] : globSync(`${path}/**/*.{ts,tsx}`, { cwd: root }).map(slashed),
)
const sources = files.filter((file) => !/\.test\.tsx?$|\/testing\//.test(file))
if (sources.length === 0) fail(`There is no code in ${paths.join(', ')}.`)

/**
 * The packages whose tests are run for a change. The default is the changed package. Tests of other packages are added if a package
 * consists mostly of declarations that the other packages use.
 */
const testers: Record<string, readonly string[]> = { protocol: ['protocol', 'verify'] }
const tests =
  values.tests ??
  packages.flatMap((name) => (testers[name] ?? [name]).map((tester) => `packages/${tester}/src/**/*.test.ts`))

const folder = mkdtempSync(join(tmpdir(), 'sallyport-mutate-'))
const stryker = join(root, 'scripts/mutate/node_modules/@stryker-mutator')
const kept = join(root, 'node_modules/.cache/mutate.json')
const report = join(folder, 'report.json')
const configuration = {
  mutate: values.again ? again() : sources,
  testRunner: 'vitest',
  plugins: [join(stryker, 'vitest-runner/dist/src/index.js')],
  vitest: { configFile: 'scripts/mutate/vitest.config.ts' },
  // The copy is outside of the checkout. So you can edit files during the run.
  tempDirName: folder,
  ignorePatterns: [
    '.data',
    '.packed',
    'dist',
    'bench',
    'next-app-*',
    'billing-web-copy-*',
    'next-auth-copy-*',
  ],
  coverageAnalysis: 'perTest',
  concurrency: 1,
  reporters: ['json', 'progress-append-only'],
  allowConsoleColors: false,
  jsonReporter: { fileName: report },
  // Do not change texts. They are messages for people or names in the protocol, and a test of them would only repeat the text.
  mutator: { excludedMutations: ['StringLiteral'] },
  // Skip code that runs only while a file is loaded. It belongs to no test, so each change would need a run of all tests.
  ignoreStatic: values.static !== true,
  timeoutMS: 20_000,
  // These two options are for projects that compile their sources before the tests. This project does not.
  disableTypeChecks: false,
  tsconfigFile: 'none',
}
writeFileSync(join(folder, 'stryker.json'), JSON.stringify(configuration))

const needsServer = tests.some((glob) => !/^packages\/(?:protocol|verify|next)\//.test(glob))
if (needsServer) await makeOneFile()
const stopPostgres = needsServer ? await startPostgres({ provide } as unknown as TestProject) : null
let result: Report | null = null
try {
  const command = [join(stryker, 'core/bin/stryker.js'), 'run', join(folder, 'stryker.json')]
  const env = { ...process.env, MUTATE_TESTS: JSON.stringify(tests) }
  spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit', env })
  if (existsSync(report)) result = JSON.parse(readFileSync(report, 'utf8')) as Report
} finally {
  await stopPostgres?.()
  rmSync(folder, { recursive: true, force: true })
}
if (result === null) fail('Stryker has ended without a report: see its output above.')
mkdirSync(dirname(kept), { recursive: true })
writeFileSync(kept, JSON.stringify(result))
process.exitCode = showReport(result) < wanted ? 1 : 0

function provide(_name: string, address: string): void {
  process.env.MUTATE_POSTGRES = address
}

function packageOf(path: string): string {
  const name = /^packages\/([\w-]+)\/src(?:\/|$)/.exec(path)?.[1]
  if (name === undefined || !existsSync(join(root, path))) fail(`${path} is not code of a package: ${usage}`)
  return name
}

/** Returns the places of changes that survived the previous run. These are enough if only tests have changed since that run. */
function again(): string[] {
  if (!existsSync(kept)) fail('--again needs a run before it.')
  const ranges = rangesOfSurvivors(JSON.parse(readFileSync(kept, 'utf8')) as Report, sources)
  if (ranges.length === 0) fail('Nothing survived the run before.')
  return ranges
}
