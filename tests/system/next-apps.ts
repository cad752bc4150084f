import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { nextBuild } from '../../scripts/example/build.ts'
import { createProcesses, untilReady } from '../../scripts/example/processes.ts'
import { root } from '../../scripts/install.mjs'
import { freePort } from './free-port.ts'

/** A Next app of this repository, changed and built in its own folder. */
export type BuiltCopy = {
  /** The folder of the copy, relative to the root. */
  folder: string
  serve(env: (url: string) => Record<string, string>): Promise<ServedApp>
  remove(): void
}

export type ServedApp = { url: string; log: string[]; stop(): Promise<void> }

/**
 * Skips two things that take a third of a build. A copy needs no type check, because types are checked elsewhere, and no cache, because it
 * is built only once.
 */
const quickConfig = `export default {
  ...config,
  typescript: { ignoreBuildErrors: true },
  experimental: { ...config.experimental, turbopackFileSystemCacheForBuild: false },
}`

/** Copies an app of this repository, lets `change` modify the copy in its folder, and builds it. */
export async function buildCopy(
  app: string,
  title: string,
  change: (copy: string) => void,
): Promise<BuiltCopy> {
  const copy = mkdtempSync(join(root, `${app}-copy-`))
  const folder = relative(root, copy)
  const remove = () => rmSync(copy, { recursive: true, force: true })
  try {
    cpSync(join(root, app), copy, {
      recursive: true,
      filter: (from) => !/[\\/](?:\.next|node_modules|samples-\w+)$/.test(from),
    })
    change(copy)
    changeIn(copy, 'next.config.ts', 'export default config', quickConfig)
    await nextBuild(folder, title)
  } catch (error) {
    remove()
    throw error
  }
  return { folder, serve: (env) => serveApp(folder, env), remove }
}

/** Serves a built app on a free port, as in production. `env` is added to the environment of this process. */
export async function serveApp(
  folder: string,
  env: (url: string) => Record<string, string>,
  readyPath = '/',
  hostname = '127.0.0.1',
): Promise<ServedApp> {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const log: string[] = []
  const processes = createProcesses((line) => log.push(line))
  const early = Promise.withResolvers<never>()
  processes.start(
    {
      name: 'web',
      args: [
        join(root, 'node_modules/next/dist/bin/next'),
        'start',
        join(root, folder),
        '--port',
        String(port),
        '--hostname',
        hostname,
      ],
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env(url) },
      readyUrl: url + readyPath,
    },
    (_, code) => early.reject(new Error(`The pages ended by themselves: ${code}\n${log.join('\n')}`)),
  )
  try {
    await Promise.race([early.promise, untilReady(url + readyPath, 60_000)])
  } catch (error) {
    await processes.stop()
    throw error
  }
  return { url, log, stop: () => processes.stop() }
}

export function writeIn(copy: string, file: string, code: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true })
  writeFileSync(join(copy, file), code)
}

/** Replaces `from`, which must exist, by `to`. */
export function changeIn(copy: string, file: string, from: string, to: string): void {
  const text = readFileSync(join(copy, file), 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
  writeFileSync(join(copy, file), text.replace(from, to))
}
