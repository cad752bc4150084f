import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../install.mjs'

/** The folders under packages/ that users install. */
export const publishedFolders = ['protocol', 'verify', 'server', 'next', 'cli'] as const

type Entry = { types: string; default: string }

/** The published fields of a package.json. Scripts and development dependencies are not published. */
export type Manifest = {
  name: string
  version: string
  exports?: Record<string, string | Entry>
  bin?: Record<string, string>
} & Record<string, unknown>

const kept = [
  'name',
  'version',
  'description',
  'license',
  'type',
  'sideEffects',
  'engines',
  'dependencies',
  'peerDependencies',
  'peerDependenciesMeta',
]

/** Returns the package.json of a package in the repository. Its entries are TypeScript sources. */
export function sourceManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')) as Manifest
}

/** Returns the paths of the sources that users can import or run, relative to the package. */
export function entrySources({ exports = {}, bin = {} }: Manifest): string[] {
  return [...Object.values(exports), ...Object.values(bin)].filter((path) => typeof path === 'string')
}

/** Returns the published package.json. It has the exports of `publishConfig.exports`, because npm, unlike pnpm, does not apply them. */
export function publishedManifest(source: Manifest): Manifest {
  const { exports = {}, bin } = source
  return {
    ...(Object.fromEntries(kept.filter((key) => key in source).map((key) => [key, source[key]])) as Manifest),
    exports: {
      ...mapped(exports, (path) => ({ types: `${builtPath(path)}.d.ts`, default: `${builtPath(path)}.js` })),
      './package.json': './package.json',
    },
    ...(bin && { bin: mapped(bin, (path) => `${builtPath(path)}.js`) }),
    // The build does not contain the templates of `sallyport init`, so add their folder.
    files: bin ? ['dist', 'templates'] : ['dist'],
  }
}

function mapped<T>(entries: Record<string, string | Entry>, to: (path: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, to(String(path))]))
}

function builtPath(source: string): string {
  return source.replace(/^\.\/src\//, './dist/').replace(/\.tsx?$/, '')
}
