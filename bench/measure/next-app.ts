import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nextBuild } from '../../scripts/example/build.ts'
import { root } from '../root.ts'
import { type Server, startServer } from './server.ts'

/** The folder of an app, and the patterns of its sources. Both are relative to the root. */
export type NextAppSources = { folder: string; sources: readonly string[] }

/** Builds a Next app. If exactly these sources have been built before, does nothing. */
export async function buildNextApp({ folder, sources }: NextAppSources): Promise<void> {
  const built = join(root, folder, '.next')
  const stamp = join(built, 'bench-sources')
  const digest = sourcesDigest(sources)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return
  await nextBuild(folder, `Building ${folder}`)
  writeFileSync(stamp, digest)
}

/** Serves a built Next app as `next start` does, in one process. */
export function startNextApp(folder: string, env: NodeJS.ProcessEnv, logFile: string): Promise<Server> {
  return startServer({
    script: join(root, 'node_modules/next/dist/bin/next'),
    args: (port) => ['start', join(root, folder), '--port', String(port), '--hostname', '127.0.0.1'],
    env: (port) => {
      const url = `http://localhost:${port}`
      return { APP_URL: url, NEXTAUTH_URL: url, NEXT_TELEMETRY_DISABLED: '1', ...env }
    },
    readyPath: '/open',
    logFile,
  })
}

function sourcesDigest(sources: readonly string[]): string {
  const hash = createHash('sha256')
  const files = globSync([...sources, 'package-lock.json'], {
    cwd: root,
    exclude: (path) => /(?:^|[\\/])(?:node_modules|\.next)(?:[\\/]|$)/.test(String(path)),
  })
  for (const file of files.sort()) hash.update(file).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}
