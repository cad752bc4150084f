import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { sourceManifest } from '../../scripts/packing/manifest.ts'
import { packedTarballs } from '../../scripts/packing/tarballs.ts'
import { root } from '../root.ts'

/** The packages that `sallyport serve` needs. */
const folders = ['protocol', 'server', 'cli'] as const

let command: Promise<string> | undefined

/**
 * Returns the absolute path of `sallyport` as users have it: compiled, in a separate `node_modules`. Its dependencies are those that npm
 * has installed for the project. The command is installed at the first call.
 */
export function packedServer(): Promise<string> {
  command ??= install()
  return command
}

async function install(): Promise<string> {
  const [tarball = ''] = Object.values(await packedTarballs())
  const built = dirname(tarball)
  const installed = join(root, 'node_modules/.cache/packed', basename(built))
  const modules = join(installed, 'node_modules')
  if (!existsSync(installed)) {
    // The command is installed into another folder first. Otherwise, an incomplete folder of an aborted run would count as complete.
    rmSync(dirname(installed), { recursive: true, force: true })
    const aside = `${installed}.${process.pid}`
    for (const folder of folders) {
      const target = join(aside, 'node_modules', sourceManifest(folder).name)
      mkdirSync(target, { recursive: true })
      for (const part of ['dist', 'package.json'])
        cpSync(join(built, folder, part), join(target, part), { recursive: true })
      const own = join(root, 'packages', folder, 'node_modules')
      if (existsSync(own)) cpSync(own, join(target, 'node_modules'), { recursive: true })
    }
    renameSync(aside, installed)
  }
  return join(modules, sourceManifest('cli').name, 'dist/main.js')
}
