import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../install.mjs'
import { spawnable } from '../spawnable.mjs'
import { compilePackages } from './compile.ts'
import { publishedFolders, publishedManifest, sourceManifest } from './manifest.ts'

const sources = [
  `packages/{${publishedFolders.join(',')}}/{src/**/*.{ts,tsx},package.json,README.md}`,
  'packages/cli/templates/**/*.{ts,tsx,js,css}',
  'scripts/packing/*.ts',
  'tsconfig.base.json',
  'package-lock.json',
  'LICENSE',
]

/**
 * Returns all packages in the form that users get: for each name, the absolute path of a `.tgz` of the present sources. The first call
 * builds them into `.packed/`, which git ignores. This takes a few seconds. Later calls use these files.
 *
 * @throws Error if the packages do not compile, or if npm cannot pack them.
 * @example
 * const { '@sallyport/next': next } = await packedTarballs()
 */
export async function packedTarballs(): Promise<Record<string, string>> {
  const digest = sourcesDigest()
  const built = join(root, '.packed', digest)
  if (!existsSync(built)) {
    packing ??= pack(built).finally(() => {
      packing = undefined
    })
    await packing
  }
  return Object.fromEntries(
    publishedFolders.map((folder) => {
      const { name, version } = sourceManifest(folder)
      return [name, join(built, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)]
    }),
  )
}

/** The running build. If there are several calls at the same time, all wait for this build. */
let packing: Promise<void> | undefined

/** Builds the packages. Two processes may build at the same time: each uses its own folder, and the result of the first is used. */
async function pack(built: string): Promise<void> {
  const folder = `${built}.${process.pid}`
  for (const old of globSync(join(root, '.packed/*'))) {
    if (!old.startsWith(built)) rmSync(old, { recursive: true, force: true })
  }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await compilePackages(folder)
  for (const name of publishedFolders) {
    const target = join(folder, name)
    writeFileSync(
      join(target, 'package.json'),
      `${JSON.stringify(publishedManifest(sourceManifest(name)), null, 2)}\n`,
    )
    copyFileSync(join(root, 'packages', name, 'README.md'), join(target, 'README.md'))
    copyFileSync(join(root, 'LICENSE'), join(target, 'LICENSE'))
    const templates = join(root, 'packages', name, 'templates')
    if (existsSync(templates)) cpSync(templates, join(target, 'templates'), { recursive: true })
  }
  const places = publishedFolders.map((name) => `./${name}`)
  const npm = spawnable('npm', ['pack', '--ignore-scripts', '--loglevel=error', ...places])
  await promisify(execFile)(npm.command, npm.words, { cwd: folder, shell: npm.shell })
  try {
    renameSync(folder, built)
  } catch (error) {
    if (!existsSync(built)) throw error
    rmSync(folder, { recursive: true })
  }
}

function sourcesDigest(): string {
  const hash = createHash('sha256')
  for (const file of globSync(sources, { cwd: root }).sort()) {
    if (/\.test\.tsx?$|[\\/]testing[\\/]/.test(file)) continue
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0')
  }
  return hash.digest('hex').slice(0, 16)
}
