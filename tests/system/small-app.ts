import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { nextBuild } from '../../scripts/example/build.ts'
import { root } from '../../scripts/install.mjs'
import { type ServedApp, serveApp } from './next-apps.ts'

export type SmallApp = {
  /** The folder of the app, relative to the root. */
  folder: string
  /** Serves the app on a free port. `env` gets the URL of the app. `APP_URL` is this URL, unless `env` sets another. */
  serve(env: (url: string) => Record<string, string>, readyPath?: string): Promise<ServedApp>
  remove(): void
}

/** Settings that every app needs here, in addition to its own settings. */
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
    // The app is built only once, so it needs no build cache.
    experimental: { turbopackFileSystemCacheForBuild: false, ...experimental },
  }
  return `export default { ...${JSON.stringify(all)}, ${code} }`
}

/** Builds a Next app of these files in a new folder below `place`. `before` may install something into this folder. */
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
    // Use the name localhost. In the proxy, and only there, Next reads 127.0.0.1 as localhost. So with 127.0.0.1, Next would treat a
    // rewrite in the proxy as a rewrite to another host.
    serve: (env, readyPath = '/') =>
      serveApp(folder, (url) => ({ APP_URL: url, ...env(url) }), readyPath, 'localhost'),
    remove,
  }
}

/** Serves a built app. `end` stops and removes it. */
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
