import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { changed, type Row, rows, type Step, steps } from '../scripts/docs/extending-page.ts'
import { root } from '../scripts/install.mjs'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-extending-'))
const read = (file: string) => readFileSync(join(folder, file), 'utf8')

beforeAll(() => {
  for (const file of sourceFiles()) cpSync(join(root, file), join(folder, file))
  linkPackages('node_modules')
  linkPackages('packages/server/node_modules')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('all steps together compile, keep to the rules of the repository, and pass their tests', () => {
  apply(steps)
  const stale = run('npm run check:docs')
  expect(stale.failed).toBe(true)
  for (const part of [docsRow().file, docsRow().prints]) expect(stale.output).toContain(part)
  run('npm run docs')
  const types = 'tsc --noEmit && tsc --noEmit -p packages/next'
  for (const check of [types, ...['boundaries', 'docs', 'exports'].map((name) => `npm run check:${name}`)])
    expect(run(check), check).toEqual({ failed: false, output: expect.anything() })
  const changed = [...new Set(steps.map(({ file }) => file))]
  const code = changed.filter((file) => file.endsWith('.ts')).join(' ')
  expect(run(`biome check --error-on-warnings --vcs-enabled=false ${code}`)).toEqual({
    failed: false,
    output: expect.anything(),
  })
  const tests = [...changed.filter((file) => file.endsWith('.test.ts')), ...testsOf(rows)]
  expect(run(`npx vitest run ${[...new Set(tests)].join(' ')}`)).toEqual({
    failed: false,
    output: expect.anything(),
  })
}, 600_000)

const checks = [...new Set(rows.map(kindOf))].filter((check) => check !== 'npm run check:docs')

test.each(checks)('a forgotten step: %s prints what the page says', (check) => {
  const asked = rows.filter((row) => kindOf(row) === check)
  const isForgotten = ({ section, file }: Step) =>
    asked.some((row) => row.mistake === undefined && row.section === section && row.file === file)
  expect(steps.filter(isForgotten)).toHaveLength(asked.filter(({ mistake }) => mistake === undefined).length)
  apply(steps.filter((step) => !isForgotten(step)))
  for (const { file, mistake } of asked)
    if (mistake !== undefined) appendFileSync(join(folder, file), mistake)
  const { output, failed } = run(check === vitest ? `${vitest} ${testsOf(asked).join(' ')}` : check)
  expect(failed).toBe(true)
  // Lines that belong together: the compiler indents the reasons of an error.
  const messages = output.split(/\n(?! )/)
  for (const { file, prints } of asked) {
    const found = messages.filter((message) => message.includes(prints))
    // The compiler names the file in which something is missing, and Vitest the tests that failed.
    const marks = { 'npm run check:types': file, [vitest]: 'FAIL' }[check] ?? ''
    expect(
      found.filter((message) => message.includes(marks)),
      `${file}: ${prints}\n${output}`,
    ).not.toEqual([])
  }
})

const vitest = 'npx vitest run'

function kindOf({ check }: Row): string {
  return check.startsWith('npx vitest run ') ? 'npx vitest run' : check
}

function docsRow(): Row {
  const row = rows.find(({ check }) => check === 'npm run check:docs')
  if (row === undefined) throw new Error('The page has no row for check:docs.')
  return row
}

function testsOf(asked: Row[]): string[] {
  const tests = asked.flatMap(({ check }) => /^npx vitest run (\S+)$/.exec(check)?.[1] ?? [])
  return [...new Set(tests)]
}

/** The files of the repository as they are now, without ignored ones. */
function sourceFiles(): string[] {
  const words = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout } = spawnSync('git', words, { cwd: root, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 })
  return stdout.split('\0').filter((file) => file !== '' && existsSync(join(root, file)))
}

/** Links installed packages into the copy. Our own packages are those of the copy. */
function linkPackages(place: string): void {
  if (!existsSync(join(root, place))) return
  mkdirSync(join(folder, place))
  for (const name of readdirSync(join(root, place)))
    if (name !== '.cache' && !/^(?:sallyport|billing-.*|@sallyport)$/.test(name))
      symlinkSync(join(root, place, name), join(folder, place, name))
  if (place !== 'node_modules') return
  mkdirSync(join(folder, place, '@sallyport'))
  for (const name of ['protocol', 'verify', 'server', 'next'])
    symlinkSync(join(folder, 'packages', name), join(folder, place, '@sallyport', name))
  symlinkSync(join(folder, 'packages/cli'), join(folder, place, 'sallyport'))
  for (const name of readdirSync(join(folder, 'apps')))
    symlinkSync(join(folder, 'apps', name), join(folder, place, name))
}

/** Brings the copy into the state of the repository with these steps, and no others. */
function apply(wanted: Step[]): void {
  for (const { file, change } of steps)
    if (change) cpSync(join(root, file), join(folder, file))
    else rmSync(join(folder, file), { force: true })
  for (const { file, change, code } of wanted) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), change ? changed(read(file), code) : code)
  }
}

/** Runs a command in the copy. */
function run(command: string): { failed: boolean; output: string } {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const script = scripts[command.replace('npm run ', '')] ?? command.replace('npx ', '')
  const path = [join(folder, 'node_modules/.bin'), dirname(process.execPath), process.env.PATH].join(
    delimiter,
  )
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(?:VITEST|SLOW_TESTS|NODE_ENV|TEST)/.test(name),
  )
  const env = { ...Object.fromEntries(own), PATH: path, NO_COLOR: '1' }
  const { status, stdout, stderr } = spawnSync(script, { cwd: folder, env, shell: true, encoding: 'utf8' })
  return { failed: status !== 0, output: stdout + stderr }
}
