import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createProcesses, untilReady } from '../../scripts/example/processes.ts'
import { root } from '../../scripts/install.mjs'
import { packedTarballs } from '../../scripts/packing/tarballs.ts'
import { freePort } from '../system/free-port.ts'

export const password = 'correct horse battery staple'

/** A person's own app: made by create-next-app, with our packages installed as they would come from the registry. */
export async function freshApp() {
  const outside = mkdtempSync(join(tmpdir(), 'sallyport-init-'))
  const folder = join(outside, 'web')
  const remove = () => rmSync(outside, { recursive: true, force: true })

  /** Neither settings of ours nor what a test run is told: Vitest and npm say NODE_ENV and more. */
  const foreign =
    /^(?:SALLYPORT_|VITEST|NODE_ENV$|APP_URL$|API_URL$|DATA_DIR$|DATABASE_URL$|AUTH_PORT$|HOST$)/
  const env = {
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
        ...['--typescript', '--app', '--no-src-dir', '--no-tailwind', '--no-linter', '--no-react-compiler'],
        ...['--import-alias', '@/*', '--use-npm', '--skip-install', '--disable-git', '--yes'],
      ],
      {},
      outside,
    )
    const file = join(folder, 'package.json')
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { dependencies: Record<string, string> }
    const tarballs = Object.entries(await packedTarballs()).map(
      ([name, path]) => [name, `file:${path}`] as const,
    )
    for (const name of ['next', 'react', 'react-dom']) manifest.dependencies[name] = installedHere(name)
    Object.assign(manifest.dependencies, Object.fromEntries(tarballs))
    writeFileSync(file, JSON.stringify(manifest, null, 2))
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'])
  } catch (error) {
    remove()
    throw error
  }

  return {
    folder,
    sallyport,
    remove,
    build: () => run(process.execPath, [join(folder, 'node_modules/next/dist/bin/next'), 'build']),

    /** Starts auth server and pages with the settings that `sallyport init` has written, but for the ports. */
    async serve() {
      const [webPort, authPort] = [await freePort(), await freePort()]
      const url = `http://localhost:${webPort}`
      const authUrl = `http://localhost:${authPort}`
      const auth = {
        ...env,
        SALLYPORT_ISSUER: authUrl,
        SALLYPORT_ORIGINS: url,
        AUTH_PORT: String(authPort),
        DATA_DIR: join(folder, '.sallyport'),
      }
      const settings = ['--settings', join(folder, '.env.sallyport.local')]
      const log: string[] = []
      const processes = createProcesses((line) => log.push(line))
      const early = Promise.withResolvers<never>()
      const onExit = () => early.reject(new Error(`A process ended by itself:\n${log.join('\n')}`))
      processes.start(
        {
          name: 'auth',
          args: [join(folder, 'node_modules/sallyport/dist/main.js'), 'serve', ...settings],
          env: auth as NodeJS.ProcessEnv,
          readyUrl: `${authUrl}/readyz`,
        },
        onExit,
      )
      processes.start(
        {
          name: 'web',
          args: [join(folder, 'node_modules/next/dist/bin/next'), 'start', folder, '--port', String(webPort)],
          env: { ...env, APP_URL: url, SALLYPORT_URL: authUrl } as unknown as NodeJS.ProcessEnv,
          readyUrl: url,
        },
        onExit,
      )
      await Promise.race([
        early.promise,
        Promise.all([untilReady(`${authUrl}/readyz`, 60_000), untilReady(url, 60_000)]),
      ])
      await sallyport(
        ['users', 'create', 'ada@example.com', '--name', 'Ada', '--password-stdin', ...settings],
        auth,
      )
      return { url, stop: () => processes.stop() }
    },
  }
}

/** The version that this repository is tested with: what create-next-app is published with can be older. */
function installedHere(name: string): string {
  const file = join(root, 'node_modules', name, 'package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
