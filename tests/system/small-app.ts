import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { nextBuild } from '../../scripts/example/build.ts'
import { root } from '../../scripts/install.mjs'
import { type ServedApp, serveApp } from './next-apps.ts'

export type SmallApp = {
  folder: string
  serve(env: (url: string) => Record<string, string>): Promise<ServedApp>
  remove(): void
}

/** Builds a Next app of these files in a folder of its own below `place`; `before` may install something into it. */
export async function buildSmallApp(
  place: string,
  title: string,
  files: Record<string, string>,
  before: (folder: string) => Promise<void> | void = () => {},
): Promise<SmallApp> {
  const folder = mkdtempSync(join(root, place, 'next-app-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), text)
    }
    await before(folder)
    await nextBuild(relative(root, folder), title)
  } catch (error) {
    remove()
    throw error
  }
  return {
    folder,
    // By its name: Next reads 127.0.0.1 as localhost in the proxy alone, and takes a rewrite there for one to another host.
    serve: (env) =>
      serveApp(relative(root, folder), (url) => ({ APP_URL: url, ...env(url) }), '/', 'localhost'),
    remove,
  }
}
