import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isOlder } from '../../packages/cli/src/scaffold/next-version.ts'
import { publishedFolders, sourceManifest } from '../packing/manifest.ts'

type Manifest = { version?: string; dependencies?: Record<string, string> }

/** Returns the packages of an app that are too old for the packages that will be installed. For these, npm would print a long error. */
export function oldPeers(
  app: string,
  wanted: readonly string[],
): { name: string; found: string; least: string; of: string }[] {
  const { dependencies = {} } = readManifest(join(app, 'package.json'))
  return publishedFolders.flatMap((folder) => {
    const { name: of, peerDependencies = {} } = sourceManifest(folder)
    if (!wanted.includes(of)) return []
    return Object.entries(peerDependencies as Record<string, string>).flatMap(([name, range]) => {
      const least = range.replace('>=', '')
      const found =
        readManifest(join(app, 'node_modules', name, 'package.json')).version ?? dependencies[name]
      return found !== undefined && isOlder(found, least) ? [{ name, found, least, of }] : []
    })
  })
}

function readManifest(file: string): Manifest {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : {}
}
