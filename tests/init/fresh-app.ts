import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createProcesses, untilReady } from '../../scripts/example/processes.ts'
import { root } from '../../scripts/install.mjs'
import { packedTarballs } from '../../scripts/packing/tarballs.ts'
import { freePort } from '../system/free-port.ts'

export const password = 'correct horse battery staple'

type Environment = Record<string, string>

/**
 * Creates the app of a user with create-next-app and its defaults, and installs our packages as from the registry. `neighbours` are
 * installed too, in the versions of this repository.
 */
export async function freshApp({ neighbours = [] }: { neighbours?: string[] } = {}) {
  const outside = mkdtempSync(join(tmpdir(), 'sallyport-init-'))
  const folder = join(outside, 'web')
  const remove = () => rmSync(outside, { recursive: true, force: true })

  /** Variables that the app does not get: our settings, and those of the test run. Vitest and npm set NODE_ENV and others. */
  const foreign =
    /^(?:SALLYPORT_|VITEST|NODE_ENV$|APP_URL$|API_URL$|DATA_DIR$|DATABASE_URL$|AUTH_PORT$|HOST$)/
  const env: Environment = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name))),
    NEXT_TELEMETRY_DISABLED: '1',
    NEXT_FONT_GOOGLE_MOCKED_RESPONSES: fileURLToPath(new URL('fonts.cjs', import.meta.url)),
  }
  async function run(program: string, args: string[], more: NodeJS.ProcessEnv = {}, cwd = folder) {
    const running = promisify(execFile)(program, args, { cwd, env: { ...env, ...more } as NodeJS.ProcessEnv })
    running.child.stdin?.end(`${password}\n`)
    return running.catch(({ message, stdout }: Error & { stdout?: string }) => {
      throw new Error(`${message}\n${stdout}`)
    })
  }
  const sallyport = (words: string[], more?: NodeJS.ProcessEnv) =>
    run(process.execPath, [join(folder, 'node_modules/sallyport/dist/main.js'), ...words], more)

  try {
    await run(
      process.execPath,
      [
        join(root, 'node_modules/create-next-app/dist/index.js'),
        folder,
        ...['--yes', '--use-npm', '--skip-install', '--disable-git'],
      ],
      {},
      outside,
    )
    const file = join(folder, 'package.json')
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { dependencies: Record<string, string> }
    const tarballs = Object.entries(await packedTarballs()).map(
      ([name, path]) => [name, `file:${path}`] as const,
    )
    for (const name of ['next', 'react', 'react-dom', ...neighbours])
      manifest.dependencies[name] = installedHere(name)
    Object.assign(manifest.dependencies, Object.fromEntries(tarballs))
    writeFileSync(file, JSON.stringify(manifest, null, 2))
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'])
  } catch (error) {
    remove()
    throw error
  }

  return {
    folder,
    outside,
    sallyport,
    remove,
    build: () => run(process.execPath, [join(folder, 'node_modules/next/dist/bin/next'), 'build']),

    /**
     * Starts the auth server and the pages with the settings that `sallyport init` has written, except for the ports. If `api` is given,
     * also starts an API from its file.
     */
    async serve(
      given: { auth?: Environment; web?: Environment; api?: { file: string; env: Environment } } = {},
    ) {
      const [webPort, authPort, apiPort] = [await freePort(), await freePort(), await freePort()]
      const url = `http://localhost:${webPort}`
      const authUrl = `http://localhost:${authPort}`
      const apiUrl = `http://localhost:${apiPort}`
      const auth: Environment = {
        ...env,
        ...given.auth,
        SALLYPORT_ISSUER: authUrl,
        SALLYPORT_ORIGINS: url,
        AUTH_PORT: String(authPort),
        DATA_DIR: join(folder, '.sallyport'),
      }
      const written = join(folder, '.env.sallyport.local')
      const settings = existsSync(written) ? ['--settings', written] : []
      const log: string[] = []
      const processes = createProcesses((line) => log.push(line))
      const early = Promise.withResolvers<never>()
      const onExit = () => early.reject(new Error(`A process ended by itself:\n${log.join('\n')}`))
      const start = (name: 'auth' | 'web' | 'api', args: string[], more: Environment, readyUrl: string) =>
        processes.start({ name, args, env: more as NodeJS.ProcessEnv, readyUrl }, onExit)
      start(
        'auth',
        [join(folder, 'node_modules/sallyport/dist/main.js'), 'serve', ...settings],
        auth,
        `${authUrl}/readyz`,
      )
      start(
        'web',
        [join(folder, 'node_modules/next/dist/bin/next'), 'start', folder, '--port', String(webPort)],
        { ...env, ...given.web, APP_URL: url, SALLYPORT_URL: authUrl, API_URL: apiUrl },
        url,
      )
      if (given.api)
        start(
          'api',
          [given.api.file],
          { ...env, ...given.api.env, SALLYPORT_ISSUER: authUrl, PORT: String(apiPort) },
          `${apiUrl}/`,
        )
      const createUser = (email: string, ...words: string[]) =>
        sallyport(
          ['users', 'create', email, '--name', 'Ada', '--password-stdin', ...words, ...settings],
          auth,
        )
      const stop = () => processes.stop()
      try {
        await Promise.race([
          early.promise,
          Promise.all([
            untilReady(`${authUrl}/readyz`, 60_000),
            untilReady(url, 60_000),
            ...(given.api ? [untilAnswering(apiUrl)] : []),
          ]),
        ])
        await createUser('ada@example.com')
      } catch (error) {
        await stop()
        throw error
      }
      return { url, authUrl, apiUrl, createUser, log, stop }
    },
  }
}

/** Waits until the API responds. The API of a sample has no path that reports readiness. */
async function untilAnswering(url: string): Promise<void> {
  while (!(await fetch(url).catch(() => null))) await setTimeout(100)
}

/** Returns the version with which this repository is tested. create-next-app may install an older one. */
function installedHere(name: string): string {
  const file = join(root, 'node_modules', name, 'package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
