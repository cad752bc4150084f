import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { root } from './root.ts'

/** The line above the rows of each table, in order; `bench/parts` has a file for each part. */
const tables: Record<string, RegExp> = {
  api: /A protected API endpoint as a share/,
  'api: signatures': /CPU that a token never seen before costs/,
  pages: /A protected Next page as a share/,
  'pass-through': /Calls of an API through \/api of the pages/,
  'server: memory': /Memory of the auth server under load/,
  'server: start': /From the start of the auth server to its first answer/,
  'sign-ins': /Sign-ins and sign-ups a second as a share/,
  factors: /One sign-in with a second factor, a mailed code or a passkey/,
  refreshes: /Refreshes a second as a share[^\n]*\(sqlite\)/,
  'refreshes-postgres': /Refreshes a second as a share[^\n]*\(postgres\)/,
  flood: /While sign-ins flood the auth server/,
  'revocation: reach': /From the answer of a sign-out to its refusal/,
  'revocation: memory': /Memory of 100,000 live revocations/,
  'revocation: look-up': /What a look-up costs each verification/,
  growth: /What one costs as the table grows/,
  'growth: sweep': /How long refreshes take while 5,000 expired sessions are cleared/,
}

/** The parts that one process measures, one after the other. Each list takes about as long as the others. */
const runs = [
  ['api', 'refreshes', 'refreshes-postgres'],
  ['pages', 'pass-through', 'server', 'flood'],
  ['sign-ins', 'factors', 'revocation', 'growth'],
]

async function bench(parts: readonly string[]): Promise<string> {
  const { SLOW_TESTS: _, NODE_OPTIONS: __, ...env } = process.env
  const child = spawn('npm', ['run', 'bench', '--', ...parts, '--quick', '--table'], {
    cwd: root,
    env,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const [code] = await once(child, 'close')
  expect(code, output).toBe(0)
  return output
}

test('every part of the bench is measured here', () =>
  expect(runs.flat().sort()).toEqual(
    [...new Set(Object.keys(tables).map((row) => row.split(':')[0]))].sort(),
  ))

test('npm run bench -- --quick measures every part, including the peers', async () => {
  // No figure is used, so the parts need not be measured alone.
  const output = (await Promise.all(runs.map(bench))).join('\n\n')
  for (const [name, title] of Object.entries(tables)) {
    const [, after = ''] = output.split(title)
    const [rows = ''] = after.split(/\n\n/).slice(1)
    // Below the line of the columns.
    expect(
      rows
        .split('\n')
        .slice(1)
        .filter((row) => /\d/.test(row)).length,
      name,
    ).toBeGreaterThan(0)
  }
  expect(output).not.toMatch(/NaN/)
  expect(output).not.toMatch(/recorded before, but not measured/)
  expect(output).toMatch(/^\| @sallyport\/verify\/hono \|/m)
  expect(output).toMatch(/load [\d.]+ before and [\d.]+ after: quick: no figures to quote$/m)
}, 1_500_000)
