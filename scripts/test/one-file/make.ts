// Node opens a file for each module. `sallyport` has a thousand modules, and opening them takes three quarters of a second at each start. A
// test run starts hundreds of such processes. So before the tests, this script bundles each program, and each package with many files, into
// one file. It uses the current sources and the packages that npm has installed.
import { mkdirSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Plugin, rolldown } from 'rolldown'
import { root } from '../../install.mjs'
import { folder, sources } from './programs.ts'

/** The packages with many files. Other packages are not bundled. */
const packages = ['kysely', 'kysely/migration', 'zod', 'jose', 'hono']
const inPrograms = /^(?:@sallyport\/|kysely|zod$|jose$|hono|commander$|@opentelemetry\/api$)/

/** Bundles the programs and packages. Vitest calls this function before the tests. */
export default async function setup(): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await makePrograms()
  await makePackages()
}

async function makePrograms(): Promise<void> {
  const bundle = await rolldown({
    input: sources,
    cwd: root,
    platform: 'node',
    plugins: [otherPackages, ownAddress],
  })
  await bundle.write({ dir: folder, entryFileNames: '[name].mjs', chunkFileNames: 'part-[hash].mjs' })
  await bundle.close()
}

/** Makes all other packages external. Each is resolved from the importing file, because two versions of a package may be installed. */
const otherPackages: Plugin = {
  name: 'other-packages',
  async resolveId(name, importer) {
    if (importer === undefined || /^[./]/.test(name) || isBuiltin(name) || inPrograms.test(name)) return null
    const found = await this.resolve(name, importer, { skipSelf: true })
    return found && { id: pathToFileURL(found.id).href, external: true }
  },
}

/**
 * Replaces `import.meta.url` by the original path of a file. So a file that reads files next to itself finds them in its original folder.
 */
const ownAddress: Plugin = {
  name: 'own-address',
  transform: (code, id) =>
    code.includes('import.meta.url')
      ? code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
      : null,
}

/** Bundles the packages for the workers of Vitest, which import our own sources as separate files. hook.mjs reads the list in list.json. */
async function makePackages(): Promise<void> {
  const input = Object.fromEntries(packages.map((name) => [name.replaceAll('/', '~'), name]))
  const bundle = await rolldown({ input, cwd: root, platform: 'node' })
  const { output } = await bundle.write({
    dir: folder,
    entryFileNames: '[name].mjs',
    chunkFileNames: 'shared-[hash].mjs',
  })
  await bundle.close()
  const files = output.flatMap((chunk) =>
    chunk.type === 'chunk' && chunk.facadeModuleId !== null
      ? [[pathToFileURL(chunk.facadeModuleId).href, chunk.fileName]]
      : [],
  )
  writeFileSync(join(folder, 'list.json'), JSON.stringify(Object.fromEntries(files)))
}
