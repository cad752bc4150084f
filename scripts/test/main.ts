import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import { ensureBrowser } from '../browser.mjs'
import { buildWeb } from '../example/build.ts'
import { fail, root } from '../install.mjs'
import { spawnable } from '../spawnable.mjs'

const slow = process.argv.includes('--slow')
// What a tool started from here calls `node` is the project's own.
const env = {
  ...process.env,
  SLOW_TESTS: slow ? '1' : '0',
  // Hundreds of processes start here, and each would compile the same files again.
  NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled'),
  PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`,
}
const filters = process.argv.slice(2).filter((word) => word !== '--slow')

if (filters.length === 0 && !slow)
  run('Checks: types, lint, rooms, exports', 'npm', ['run', '--silent', 'check'])
const browser = await ensureBrowser()
await buildWeb()

const report = join(tmpdir(), `sallyport-tests-${process.pid}.json`)
const vitest = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...filters,
  ],
  { cwd: root, env: { ...env, CHROMIUM_PATH: browser }, stdio: 'inherit' },
)
const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
  readFileSync(report, 'utf8'),
) as {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  testResults: { name: string; startTime: number; endTime: number }[]
}
rmSync(report, { force: true })
const slowest = testResults
  .map(({ name, startTime, endTime }) => ({
    name: relative(root, name),
    seconds: (endTime - startTime) / 1000,
  }))
  .sort((one, other) => other.seconds - one.seconds)
  .slice(0, 40)
console.log('\nSlowest files:')
for (const { name, seconds } of slowest) console.log(`${seconds.toFixed(0).padStart(5)} s  ${name}`)
console.log(`\n${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`)
process.exit(vitest.status ?? 1)

function run(title: string, program: string, args: string[]): void {
  console.log(`  ${title}`)
  const { command, words, shell } = spawnable(program, args)
  const { status } = spawnSync(command, words, { cwd: root, env, stdio: 'inherit', shell })
  if (status !== 0) fail(`${title}: failed, see above.`)
}
