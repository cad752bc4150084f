import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../install.mjs'

const problem = 'packages/protocol/src/problem.ts'

/** Runs the command. Returns its output and the numbers of its only file. */
function mutate(path: string, ...tests: string[]) {
  const words = [path, ...tests.flatMap((glob) => ['--tests', glob])]
  const { status, stdout } = spawnSync(process.execPath, ['scripts/mutate.mjs', ...words], {
    cwd: root,
    encoding: 'utf8',
  })
  const [, killed, timedOut, survived] = / %\s+(\d+)\s+(\d+)\s+(\d+) {2}packages\//.exec(stdout) ?? []
  return { status, stdout, killed: Number(killed), timedOut: Number(timedOut), survived: Number(survived) }
}

test('a change in protocol is detected by the tests of verify, and the checkout is not changed', () => {
  const before = readFileSync(join(root, problem), 'utf8')
  const { killed, stdout } = mutate(problem, 'packages/verify/src/auth-error.test.ts')
  expect(killed, stdout).toBeGreaterThan(0)
  expect(readFileSync(join(root, problem), 'utf8')).toBe(before)
}, 300_000)

test('succeeds if every change is detected, and otherwise names each that no test runs', () => {
  const production = 'packages/protocol/src/production.ts'
  const noticed = mutate(production, 'packages/protocol/src/secret.test.ts')
  expect(noticed, noticed.stdout).toMatchObject({ status: 0, survived: 0 })
  const unnoticed = mutate(production, 'packages/verify/src/options.test.ts')
  expect(unnoticed, unnoticed.stdout).toMatchObject({ status: 1, killed: 0, survived: noticed.killed })
  expect(unnoticed.stdout).toMatch(
    /production\.ts:6:10 \w+\n {2}- nodeEnv === .*\n {2}\+ .*\n {2}no test runs it/,
  )
}, 600_000)

test.each([
  [[], /Name a file or folder/],
  [['packages/nowhere/src'], /is not code of a package/],
  [['scripts/install.mjs'], /is not code of a package/],
])('%j is refused', (words, message) => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/mutate.mjs', ...words], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(status).toBe(1)
  expect(stderr).toMatch(message)
})
