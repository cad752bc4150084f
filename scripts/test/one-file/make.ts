// Node opens a file for every module: a thousand of them for `sallyport`, which takes three quarters of a second each time. A test run
// starts hundreds of such processes. So before the tests, the programs and the packages with the most files are bundled into one file
// each, from the current sources and what npm has installed.
import { mkdirSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Plugin, rolldown } from 'rolldown'
import { root } from '../../install.mjs'
import { folder, sources } from './programs.ts'

/** Packages with many files; all others are not bundled. */
const packages = ['kysely', 'kysely/migration', 'zod', 'jose', 'hono']
const inPrograms = /^(?:@sallyport\/|kysely|zod$|jose$|hono|commander$|@opentelemetry\/api$)/

/** Vitest's global set-up. */
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

/** All others are resolved from the importing file, because there may be two versions of one. */
const otherPackages: Plugin = {
  name: 'other-packages',
  async resolveId(name, importer) {
    if (importer === undefined || /^[./]/.test(name) || isBuiltin(name) || inPrograms.test(name)) return null
    const found = await this.resolve(name, importer, { skipSelf: true })
    return found && { id: pathToFileURL(found.id).href, external: true }
  },
}

/** A file that looks for others next to itself finds them in its original folder. */
const ownAddress: Plugin = {
  name: 'own-address',
  transform: (code, id) =>
    code.includes('import.meta.url')
      ? code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
      : null,
}

/** For the workers of Vitest, which import our sources separately, but these packages as one file: hook.mjs reads list.json. */
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
