import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { root } from '../../scripts/install.mjs'
import { packedTarballs } from '../../scripts/packing/tarballs.ts'

/** The other dependencies of a user's project, in the versions of this repository, which npm has in its cache. */
const neighbours = [
  'next',
  'react',
  'react-dom',
  'express',
  'fastify',
  'hono',
  '@types/express',
  '@types/react',
]

/** A project outside of the monorepo with our tarballs installed, and the Nodes to run it. */
export type InstalledProject = {
  folder: string
  /** The path of each Node, by its major version. */
  nodes: Record<20 | 22 | 26, string>
}

/**
 * Installs the project once for each set of sources. The folder stays in the system's temporary folder. If the sources change, it is
 * written again. If `npm` fails, the error has its output.
 */
export async function installedProject(): Promise<InstalledProject> {
  const tarballs = await packedTarballs()
  const name = createHash('sha256').update(root).digest('hex').slice(0, 8)
  const folder = join(tmpdir(), `sallyport-installed-${name}`)
  const stamp = join(folder, 'node_modules', 'installed')
  const manifest = JSON.stringify({
    name: 'a-project-of-a-user',
    private: true,
    type: 'module',
    dependencies: {
      ...Object.fromEntries(neighbours.map((one) => [one, versionHere(one)])),
      ...Object.fromEntries(Object.entries(tarballs).map(([one, path]) => [one, `file:${path}`])),
      // The oldest supported version of Node, with the types of this version. The types that we use are of another version.
      '@types/node': '22',
      node: '22',
      // This version is too old. Its users get an error message.
      'node-20': 'npm:node@20',
      // The newest version.
      'node-26': 'npm:node@26',
    },
    // The npm package `node` fetches its binary when it is installed.
    allowScripts: { node: true, 'node-20': true, 'node-26': true, 'better-sqlite3': false },
  })
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== manifest) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    writeFileSync(join(folder, 'package.json'), manifest)
    const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
    await promisify(execFile)('npm', ['install', ...flags], {
      cwd: folder,
      shell: process.platform === 'win32',
    })
    writeFileSync(stamp, manifest)
  }
  cpSync(fileURLToPath(new URL('project', import.meta.url)), folder, { recursive: true })
  const installed = (name: string) => join(folder, 'node_modules', name, 'bin/node')
  return { folder, nodes: { 20: installed('node-20'), 22: installed('node'), 26: installed('node-26') } }
}

/** Returns the environment of a process of such a project, with this `node`. */
export function environment(node: string, settings: Record<string, string> = {}): Record<string, string> {
  return { PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`, ...settings }
}

function versionHere(name: string): string {
  const manifest = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
