import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import { root } from '../../scripts/install.mjs'
import { findInterpreter } from '../system/interpreters.ts'
import { type LibraryIssuer, startIssuer } from './issuer.ts'
import { seen } from './seen.ts'

const own = fileURLToPath(new URL('.', import.meta.url))
const python = findInterpreter(
  'PyJWT and Authlib',
  ['/usr/bin/python3', 'python3'],
  [
    '-c',
    `import jwt, cryptography, authlib; assert [jwt.__version__, authlib.__version__] == ["${seen.PyJWT.version}", "${seen.Authlib.version}"]`,
  ],
)
const ruby = findInterpreter(
  'ruby-jwt',
  ['ruby', '/usr/bin/ruby'],
  ['-e', `require "jwt"; exit JWT::VERSION::STRING == "${seen['ruby-jwt'].version}"`],
)
const goPath = '/usr/share/gocode'
const go = findInterpreter('golang-jwt', ['go', '/usr/bin/go'], ['list', 'github.com/golang-jwt/jwt'], {
  GO111MODULE: 'off',
  GOPATH: goPath,
})

let issuer: LibraryIssuer
let samples = ''
const endings: (() => void)[] = []
beforeAll(async () => {
  const clean = (ending: () => void) => void endings.push(ending)
  issuer = await startIssuer(clean)
  samples = temporaryFolder(clean)
  const page = readFileSync(join(root, 'docs/libraries.md'), 'utf8')
  for (const [, code = '', file = ''] of page.matchAll(/^```\w+\n((?:#|\/\/) file: (\S+)\n[\s\S]*?)^```/gm)) {
    mkdirSync(join(samples, file, '..'), { recursive: true })
    writeFileSync(join(samples, file), code)
  }
})
afterAll(async () => {
  await issuer?.stop()
  for (const ending of endings) ending()
})

/** Runs a program that verifies tokens, and returns the bad ones that it accepts. It must accept the good one. */
async function letIn(command: string, words: string[], env: Record<string, string> = {}): Promise<string[]> {
  const names = Object.keys(issuer.bad)
  const tokens = [issuer.good, ...Object.values(issuer.bad)].map((token) => JSON.stringify(token))
  const output = await new Promise<string>((resolve, reject) => {
    const options = {
      env: { PATH: process.env.PATH ?? '', PYTHONDONTWRITEBYTECODE: '1', ...issuer.env, ...env },
    }
    const child = execFile(command, words, options, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    )
    child.stdin?.end(`${tokens.join('\n')}\n`)
  })
  const [good, ...verdicts] = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { for?: string; refused?: string })
  expect(good).toEqual({ for: issuer.user.id })
  expect(verdicts).toHaveLength(names.length)
  // The program itself must not fail.
  for (const { refused } of verdicts)
    expect(refused ?? '').not.toMatch(/NameError|AttributeError|NoMethodError/)
  return names.filter((_, at) => verdicts[at]?.for !== undefined)
}

it.skipIf(python === null).each<[keyof typeof seen, string]>([
  ['PyJWT', 'with_pyjwt.py'],
  ['Authlib', 'with_authlib.py'],
])('%s accepts the tokens of the table, and with our sample only ended sessions', async (library, file) => {
  const probe = join(own, 'probe.py')
  expect(await letIn(python ?? '', [probe, join(own, 'bare', file)])).toEqual(seen[library].byItself)
  expect(await letIn(python ?? '', [probe, join(samples, file)])).toEqual(seen[library].withSample)
})

it.skipIf(ruby === null)(
  'ruby-jwt accepts the tokens of the table, and with our sample only ended sessions',
  async () => {
    const probe = join(own, 'probe.rb')
    const file = 'with_ruby_jwt.rb'
    expect(await letIn(ruby ?? '', [probe, join(own, 'bare', file)])).toEqual(seen['ruby-jwt'].byItself)
    expect(await letIn(ruby ?? '', [probe, join(samples, file)])).toEqual(seen['ruby-jwt'].withSample)
  },
)

it.skipIf(go === null)(
  'golang-jwt accepts the tokens of the table, and with our sample only ended sessions',
  async () => {
    const folder = join(samples, 'go')
    mkdirSync(folder)
    cpSync(join(own, 'probe.go'), join(folder, 'probe.go'))
    const sample = readFileSync(join(samples, 'with_golang_jwt.go'), 'utf8')
    const env = { GO111MODULE: 'off', GOPATH: goPath, GOCACHE: join(folder, 'cache'), HOME: folder }
    // Only the parser, with the same keys.
    const bare = sample
      .replace(
        /\tparser := [\s\S]*\n}\n/,
        '\t_, err := jwt.ParseWithClaims(text, claims, keyFor)\n\treturn claims, err\n}\n',
      )
      .replace('\t"strings"\n', '')
    for (const [code, expected] of [
      [bare, seen['golang-jwt'].byItself],
      [sample, seen['golang-jwt'].withSample],
    ] as const) {
      const file = join(folder, 'with_golang_jwt.go')
      writeFileSync(file, code)
      expect(await letIn(go ?? '', ['run', join(folder, 'probe.go'), file], env)).toEqual(expected)
    }
  },
)
