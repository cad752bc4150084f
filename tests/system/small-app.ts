import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { nextBuild } from '../../scripts/example/build.ts'
import { root } from '../../scripts/install.mjs'
import { type ServedApp, serveApp } from './next-apps.ts'

export type SmallApp = {
  /** Relative to the root. */
  folder: string
  /** Serves it on a free port; `env` may depend on its URL, which is `APP_URL` unless `env` sets another. */
  serve(env: (url: string) => Record<string, string>, readyPath?: string): Promise<ServedApp>
  remove(): void
}

/** Settings that every app needs here, in addition to its own. */
const needed = {
  transpilePackages: ['@sallyport/next', '@sallyport/verify', '@sallyport/protocol'],
  // Types are checked elsewhere.
  typescript: { ignoreBuildErrors: true },
}

/** Returns the text of a `next.config.ts` with these settings. */
export function nextConfig(settings: Record<string, unknown> = {}, code = ''): string {
  const { experimental, ...rest } = settings as { experimental?: object }
  const all = {
    ...needed,
    ...rest,
    // It is built only once.
    experimental: { turbopackFileSystemCacheForBuild: false, ...experimental },
  }
  return `export default { ...${JSON.stringify(all)}, ${code} }`
}

/** Builds a Next app of these files in a new folder below `place`; `before` may install something into it. */
export async function buildSmallApp(
  place: string,
  title: string,
  files: Record<string, string>,
  before: (folder: string) => Promise<void> | void = () => {},
): Promise<SmallApp> {
  const absolute = mkdtempSync(join(root, place, 'next-app-'))
  const folder = relative(root, absolute)
  const remove = () => rmSync(absolute, { recursive: true, force: true })
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(absolute, file)), { recursive: true })
      writeFileSync(join(absolute, file), text)
    }
    await before(absolute)
    await nextBuild(folder, title)
  } catch (error) {
    remove()
    throw error
  }
  return {
    folder,
    // Use the name localhost. Next reads 127.0.0.1 as localhost only in the proxy, and treats a rewrite there as one to another host.
    serve: (env, readyPath = '/') =>
      serveApp(folder, (url) => ({ APP_URL: url, ...env(url) }), readyPath, 'localhost'),
    remove,
  }
}

/** Serves a built app; `end` stops and removes it. */
export async function served(
  built: SmallApp,
  env: (url: string) => Record<string, string>,
  readyPath?: string,
): Promise<ServedApp & { end(): Promise<void> }> {
  try {
    const app = await built.serve(env, readyPath)
    return {
      ...app,
      async end() {
        await app.stop()
        built.remove()
      },
    }
  } catch (error) {
    built.remove()
    throw error
  }
}
