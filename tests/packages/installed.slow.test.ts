import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import { samplesOf } from '../../scripts/docs/samples.ts'
import { root } from '../../scripts/install.mjs'
import { publishedFolders, sourceManifest } from '../../scripts/packing/manifest.ts'
import { freePort } from '../system/free-port.ts'
import { bundled } from './bundle.ts'
import { entriesOf, exportsOf } from './entries.ts'
import { environment, type InstalledProject, installedProject } from './installed-project.ts'
import { running } from './running.ts'

const run = promisify(execFile)
let project: InstalledProject

beforeAll(async () => {
  project = await installedProject()
}, 600_000)

const names = publishedFolders.map((folder) => sourceManifest(folder).name)
const libraries = names.filter((name) => name !== 'sallyport')
const entriesOfAll = () => libraries.flatMap((name) => entriesOf(join(project.folder, 'node_modules', name)))

/** `sallyport serve`, the installed command, under this Node. */
async function authServer(node: string) {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const settings = {
    SALLYPORT_SECRET: 'server-7RtYh3NbVc9XzLk5JhGf2DsAqW',
    SALLYPORT_FRONTEND_SECRET: 'frontend-4GhJk8TnWdRyUiMp2ZlCsBgM',
    SALLYPORT_VERIFIER_SECRET: 'verifier-9XfTq2LmZr7VbNc4KwHs8PdY',
    SALLYPORT_AUDIENCE: 'my-api,my-web',
    SALLYPORT_HASH_MEMORY_KIBIBYTES: '8192',
    SALLYPORT_HASH_ITERATIONS: '1',
  }
  const env = environment(node, {
    ...settings,
    SALLYPORT_ISSUER: url,
    AUTH_PORT: String(port),
    DATA_DIR: temporaryFolder(),
  })
  const command = join(project.folder, 'node_modules/.bin/sallyport')
  const server = await running(command, ['serve'], {
    cwd: project.folder,
    env,
    ready: 'Sallyport listens on',
  })
  onTestFinished(() => server.stop())
  return { url, settings }
}

describe('on Node 20, which is too old', () => {
  it('the command and the server name the Node versions that they require', async () => {
    const node = project.nodes[20]
    const options = { cwd: project.folder, env: environment(node, { DATA_DIR: temporaryFolder() }) }
    for (const words of [['--help'], ['serve'], ['users', 'list']]) {
      const command = join(project.folder, 'node_modules/sallyport/dist/main.js')
      await expect(run(node, [command, ...words], options)).rejects.toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/^sallyport needs Node 22 or newer; this is Node 20\.[^\n]*\n$/),
      })
    }
    const start = `import { createSallyport } from '@sallyport/server'
      await createSallyport({
        issuer: 'http://localhost:4000', audience: ['web'], secret: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url'),
      })`
    await expect(run(node, ['--input-type=module', '--eval', start], options)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('TypeError: Sallyport needs Node 22 or newer; this is Node 20.'),
    })
  })
})

describe.each([22, 26] as const)('on Node %i, in a project outside of the repository', (version) => {
  it('the installed server, adapters, SDK and command work', async () => {
    const node = project.nodes[version]
    const { url, settings } = await authServer(node)
    const { stdout } = await run(node, ['use.mjs'], {
      cwd: project.folder,
      env: environment(node, {
        ...settings,
        SALLYPORT_ISSUER: url,
        AUTH_URL: url,
        DATA_DIR: temporaryFolder(),
      }),
    })
    const all = (status: number) => ({ express: status, fastify: status, hono: status, fetch: status })
    expect(JSON.parse(stdout)).toEqual({
      node: version,
      server: {
        migrations: readdirSync(join(root, 'packages/server/src/store/migrations')).length,
        common: [400, 'invalid_request', 'password'],
        ready: 200,
        registered: 200,
      },
      verify: { nobody: all(401), signedIn: all(200), signedOut: all(401) },
      next: {
        registered: 200,
        mayRead: true,
        returnTo: '/dashboard',
        stranger: 'http://localhost:3000/login?returnTo=%2Fdashboard',
        known: '1',
        others: ['function', 'function'],
      },
    })
  }, 120_000)
})

describe('the exports', () => {
  it('are those of exports.txt: a change affects users', async () => {
    const lines: string[] = []
    for (const entry of entriesOfAll()) {
      const { values, types } = await exportsOf(entry)
      lines.push(
        entry.specifier,
        ...values.map((name) => `  ${name}`),
        ...types.map((name) => `  type ${name}`),
      )
    }
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('exports.txt')
  })

  it('compile with users’ compiler settings, like all samples in the packages’ READMEs', async () => {
    const folder = join(project.folder, 'samples')
    rmSync(folder, { recursive: true, force: true })
    const samples = publishedFolders.flatMap((name) => samplesOf(`packages/${name}/README.md`))
    expect(samples.length).toBeGreaterThan(6)
    const entries = entriesOfAll().map(
      ({ specifier }, index) => `import * as entry${index} from '${specifier}'\nentry${index}\n`,
    )
    const files = [...samples, { page: 'all', file: 'entries.ts', code: entries.join('') }]
    for (const { page, file, code } of files) {
      const target = join(folder, dirname(page), file)
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, code)
    }
    const options = { strict: true, noEmit: true, jsx: 'preserve', target: 'es2024', types: ['node'] }
    // Next's own projects are for bundlers; not all of its declarations compile by themselves.
    const next = 'packages/next'
    for (const [settings, exclude] of [
      [{ module: 'esnext', moduleResolution: 'bundler' }, []],
      [{ module: 'nodenext' }, [next]],
    ] as const) {
      writeFileSync(
        join(folder, 'tsconfig.json'),
        JSON.stringify({ compilerOptions: { ...options, ...settings }, exclude }),
      )
      const tsc = join(root, 'node_modules/typescript/bin/tsc')
      const { stdout } = await run(process.execPath, [tsc, '-p', '.'], { cwd: folder }).catch(
        (error) => error,
      )
      const complaints = String(stdout)
        .split('\n')
        .filter((line) => /^\S/.test(line) && !line.includes('node_modules/next/'))
      expect(complaints).toEqual([])
    }
  }, 120_000)
})

describe('bundles', () => {
  const bundleOf = (statement: string) => bundled(project.folder, statement)

  it('the client entry is under 2.5 kB, and contains neither jose nor zod', async () => {
    const client = await bundleOf("export * from '@sallyport/next/client'")
    expect(client.packages).toEqual(['@sallyport/next'])
    expect(client.imports).toEqual(['next/navigation.js', 'react', 'react/jsx-runtime'])
    expect(client.gzipped).toBeLessThan(2_500)
    const entry = join(project.folder, 'node_modules/@sallyport/next/dist/client.js')
    expect(readFileSync(entry, 'utf8')).toMatch(/^'use client'/)
  })

  it('the proxy contains no React', async () => {
    const proxy = await bundleOf("export * from '@sallyport/next/proxy'")
    expect(proxy.imports.filter((name) => !name.startsWith('node:'))).toEqual(['next/server.js'])
  })

  it.each([
    ['', ['eventsource-parser', 'zod']],
    ...['/express', '/fastify', '/hono', '/fetch'].map((entry) => [entry, ['zod']] as const),
  ] as const)('verify%s contains no database, no jose and no framework', async (entry, others) => {
    const { packages, imports } = await bundleOf(`export * from '@sallyport/verify${entry}'`)
    expect(packages).toEqual(['@sallyport/protocol', '@sallyport/verify', ...others])
    expect(imports.filter((name) => !name.startsWith('node:'))).toEqual([])
  })

  it('unused code is removed', async () => {
    const one = await bundleOf("export { isAllowed } from '@sallyport/verify'")
    expect(one.packages).toEqual(['@sallyport/protocol'])
    expect(one.gzipped).toBeLessThan(800)
  })
})

describe('a Next app with the packages from npm', () => {
  it('builds, redirects signed-out visitors, and renders a protected page for signed-in users', async () => {
    const { folder, nodes } = project
    const next = join(folder, 'node_modules/next/dist/bin/next')
    const { url, settings } = await authServer(nodes[26])
    const app = `http://localhost:${await freePort()}`
    const env = environment(nodes[26], {
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      SALLYPORT_FRONTEND_SECRET: settings.SALLYPORT_FRONTEND_SECRET,
      SALLYPORT_VERIFIER_SECRET: settings.SALLYPORT_VERIFIER_SECRET,
      SALLYPORT_URL: url,
      SALLYPORT_AUDIENCE: 'my-web',
      APP_URL: app,
    })
    await run(process.execPath, [next, 'build'], { cwd: folder, env })
    const args = [next, 'start', '--port', new URL(app).port]
    const web = await running(process.execPath, args, { cwd: folder, env, ready: 'Ready in' })
    onTestFinished(() => web.stop())

    const stranger = await fetch(`${app}/dashboard`, { redirect: 'manual' })
    expect([stranger.status, stranger.headers.get('location')]).toEqual([307, '/login?returnTo=%2Fdashboard'])
    const registered = await fetch(`${app}/api/auth/register`, {
      method: 'POST',
      headers: { origin: app, 'content-type': 'application/json' },
      body: JSON.stringify({
        email: 'ada@example.com',
        password: 'open the second door',
        name: 'Ada Lovelace',
      }),
    })
    const cookie = registered.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ')
    const session = await fetch(`${app}/api/auth/session`, { headers: { cookie } })
    const { principal } = (await session.json()) as { principal: { userId: string } }
    const page = await (await fetch(`${app}/dashboard`, { headers: { cookie } })).text()
    expect(page.replaceAll('<!-- -->', '')).toContain(`<h1>Dashboard of ${principal.userId}</h1>`)
    expect(page).toContain('<p>For those signed in</p>')
    expect(page).not.toMatch(/<p>For (?:strangers|nobody)/)
  }, 300_000)
})
