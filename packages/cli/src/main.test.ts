import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const verifierSecret = 'verifier-9XfTq2LmZr7VbNc4KwHs8PdY'

type Environment = Record<string, string | undefined>

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function settings(changes: Environment = {}): Environment {
  return {
    PATH: process.env.PATH,
    SALLYPORT_SECRET: 'server-7RtYh3NbVc9XzLk5JhGf2DsAqW',
    SALLYPORT_VERIFIER_SECRET: verifierSecret,
    SALLYPORT_ISSUER: 'http://localhost:4000',
    SALLYPORT_AUDIENCE: 'billing-api',
    SALLYPORT_HASH_MEMORY_KIBIBYTES: '8192',
    DATA_DIR: temporaryFolder(),
    AUTH_PORT: '0',
    ...changes,
  }
}

function start(words: string[], env: Environment) {
  const child: ChildProcess = spawn(process.execPath, [main, ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString()
  })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...output }))
  return { child, output, ended }
}

const run = (words: string[], env = settings()) => start(words, env).ended

/** Starts the server and reads its address from its first line. */
async function serve(env = settings()) {
  const started = start(['serve'], env)
  const url = await new Promise<string>((resolve, reject) => {
    started.child.stdout?.on('data', () => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(started.output.stdout)?.[0]
      if (found !== undefined) resolve(found)
    })
    void started.ended.then(({ stderr }) => reject(new Error(stderr)))
  })
  return { ...started, url }
}

describe('sallyport', () => {
  test.each([[[]], [['--help']], [['-h']]])('%j explains itself', async (words) => {
    const { code, stdout, stderr } = await run(words)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^Usage: sallyport <command>/)
    for (const command of ['serve', 'migrate']) expect(stdout).toContain(command)
  })

  test.each([[['nonsense']], [['toString']], [['--version']], [['serve', 'quickly']]])(
    '%j is no command: exit code 2',
    async (words) => {
      const { code, stdout, stderr } = await run(words)
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toContain('Usage: sallyport')
    },
  )

  test.each<[string, () => Environment, RegExp]>([
    ['a missing secret', () => ({ SALLYPORT_SECRET: undefined }), /^SALLYPORT_SECRET is not set\..*\n$/],
    ['a short secret', () => ({ SALLYPORT_SECRET: 'short' }), /^SALLYPORT_SECRET needs at least 32 .*\n$/],
    [
      'a plain http issuer',
      () => ({ SALLYPORT_ISSUER: 'http://example.com' }),
      /^SALLYPORT_ISSUER must be .*\n$/,
    ],
    ['a folder that is a file', () => ({ DATA_DIR: main }), /^The data folder .* cannot be written\..*\n$/],
    [
      'a database that is none',
      () => {
        const folder = temporaryFolder()
        writeFileSync(join(folder, 'sallyport.db'), 'x'.repeat(4096))
        return { DATA_DIR: folder }
      },
      /^The database .* cannot be opened .*\n$/,
    ],
    [
      'a host of another machine',
      () => ({ HOST: '203.0.113.1' }),
      /^The address 203\.0\.113\.1 is none .*\n$/,
    ],
  ])('serve with %s says so in one line: exit code 1', async (_, changes, line) => {
    const { code, stdout, stderr } = await run(['serve'], settings(changes()))
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(line)
    expect(stderr.split('\n')).toHaveLength(2)
  })

  test('serve on a busy port says so in one line: exit code 1', async () => {
    const busy = createServer().listen(0, '127.0.0.1')
    await once(busy, 'listening')
    onTestFinished(() => void busy.close())
    const address = busy.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { code, stderr } = await run(['serve'], settings({ AUTH_PORT: String(port) }))
    expect([code, stderr]).toEqual([
      1,
      `Port ${port} is busy. Stop what listens there, or set AUTH_PORT to another.\n`,
    ])
  })

  test('data of another secret is refused in one line, and nothing is lost', async () => {
    const env = settings()
    expect((await run(['migrate'], env)).code).toBe(0)
    const { code, stderr } = await run(['migrate'], {
      ...env,
      SALLYPORT_SECRET: 'server-Qw3RtY9uPz7LkJh5GfDs2AxCv',
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^The signing key in the database was made under another SALLYPORT_SECRET\..*\n$/)
    expect((await run(['migrate'], env)).code).toBe(0)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it cleanly, with a stream open', async (signal) => {
    const { child, ended, url } = await serve()
    const stream = await fetch(`${url}/api/auth/revocations`, {
      headers: { authorization: `Bearer ${verifierSecret}` },
    })
    child.kill(signal)
    expect(await stream.text()).toContain('event: snapshot')
    expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' })
  })

  test('four processes that start at once on an empty folder share one schema and one key', async () => {
    const env = settings()
    const servers = await Promise.all([serve(env), serve(env), serve(env), serve(env)])
    const sets = await Promise.all(
      servers.map(async ({ url }) => (await fetch(`${url}/.well-known/jwks.json`)).text()),
    )
    expect(new Set(sets).size).toBe(1)
    for (const { child } of servers) child.kill('SIGTERM')
    for (const { ended } of servers) expect(await ended).toMatchObject({ code: 0, stderr: '' })
  })
})
