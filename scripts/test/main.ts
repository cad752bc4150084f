import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import { ensureBrowser } from '../browser.mjs'
import { buildWeb } from '../example/build.ts'
import { fail, root, step } from '../install.mjs'

const slow = process.argv.includes('--slow')
const filters = process.argv.slice(2).filter((word) => word !== '--slow')
// Programs that are started from here must find the project's own `node`.
const env = {
  ...process.env,
  SLOW_TESTS: slow ? '1' : '0',
  // A run starts hundreds of processes. Without this cache, each of them would compile the same files again.
  NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled'),
  PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`,
}

if (filters.length === 0 && !slow)
  await step('Checks: types, lint, allowed imports, exports, docs, lock file', 'npm', ['run', 'check'], env)
const browser = await ensureBrowser()
await buildWeb()
process.exit(runTests())

/** Prints the failures, the longest files of a complete run, and one line of totals. Returns Vitest's exit code. */
function runTests(): number {
  const report = join(tmpdir(), `sallyport-tests-${process.pid}.json`)
  const began = Date.now()
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=minimal',
      `--reporter=${join(root, 'scripts/test/progress.ts')}`,
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...filters,
    ],
    { cwd: root, env: { ...env, CHROMIUM_PATH: browser }, stdio: 'inherit' },
  )
  if (!existsSync(report)) fail('Tests: Vitest ended without a report: see the reason above.')
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  ) as {
    numPassedTests: number
    numFailedTests: number
    numPendingTests: number
    testResults: { name: string; startTime: number; endTime: number }[]
  }
  rmSync(report, { force: true })
  if (filters.length === 0) tellLongest(testResults)
  const count = (value: number) => value.toLocaleString('en')
  const seconds = Math.round((Date.now() - began) / 1000)
  console.log(
    `  ${status === 0 ? '✓' : '✗'} ${slow ? 'Slow tests' : 'Tests'}: ${count(numPassedTests)} passed, ${count(numFailedTests)} failed, ${count(numPendingTests)} skipped, in ${count(testResults.length)} files (${seconds} s)`,
  )
  return status ?? 1
}

function tellLongest(files: { name: string; startTime: number; endTime: number }[]): void {
  const secondsOf = (file: (typeof files)[0]) => (file.endTime - file.startTime) / 1000
  const longest = files.toSorted((one, other) => secondsOf(other) - secondsOf(one)).slice(0, 20)
  console.log('\n  Longest files:')
  for (const file of longest)
    console.log(`  ${secondsOf(file).toFixed(0).padStart(5)} s  ${relative(root, file.name)}`)
  console.log('')
}
