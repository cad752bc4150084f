import { execFile } from 'node:child_process'
import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../install.mjs'
import { entrySources, publishedFolders, sourceManifest } from './manifest.ts'

/**
 * Compiles all files that the entries of each package import, and no others, into `<folder>/<package>/dist`. Each source becomes one
 * JavaScript file and one declaration file. So 'use client' stays at the beginning of its file, and bundlers can remove unused code.
 *
 * @throws Error if the compiler finds an error. The message contains the messages of the compiler.
 */
export async function compilePackages(folder: string): Promise<void> {
  const config = join(folder, 'tsconfig.json')
  const output = join(folder, 'compiled')
  writeFileSync(config, JSON.stringify(settings(folder, output)))
  await promisify(execFile)(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    '--project',
    config,
  ]).catch((error: { stdout?: string }) => {
    throw new Error(`The packages do not compile:\n${error.stdout ?? String(error)}`)
  })
  for (const declaration of globSync('**/*.d.ts', { cwd: output })) nameBuiltFiles(join(output, declaration))
  for (const name of publishedFolders) {
    // A command cannot be imported, so it needs no declaration files.
    const isCommand = sourceManifest(name).exports === undefined
    cpSync(join(output, name, 'src'), join(folder, name, 'dist'), {
      recursive: true,
      filter: (path) => !(isCommand && path.endsWith('.d.ts')),
    })
  }
}

function settings(folder: string, output: string) {
  const entries = publishedFolders.flatMap((name) =>
    entrySources(sourceManifest(name)).map((path) => join(root, 'packages', name, path)),
  )
  // Map the packages to their sources. If a source were found in node_modules, the compiler would treat it as external, and sometimes not
  // write it.
  const paths = publishedFolders.flatMap((folder) => {
    const { name, exports = {} } = sourceManifest(folder)
    return Object.entries(exports).map(([entry, path]) => [
      name + entry.slice(1),
      [join(root, 'packages', folder, String(path))],
    ])
  })
  return {
    extends: relative(folder, join(root, 'tsconfig.base.json')),
    compilerOptions: {
      lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable'],
      jsx: 'react-jsx',
      // Next has no `exports` in its package.json. So its entries are found only with the module resolution of bundlers.
      module: 'esnext',
      moduleResolution: 'bundler',
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      paths: Object.fromEntries(paths),
      rootDir: join(root, 'packages'),
      outDir: output,
    },
    files: entries,
  }
}

/**
 * Corrects the imports of a declaration file. The compiler replaces `./x.ts` by `./x.js` only in JavaScript files. In declaration files, it
 * keeps `./x.ts`, which does not exist.
 */
function nameBuiltFiles(declaration: string): void {
  const text = readFileSync(declaration, 'utf8')
  writeFileSync(
    declaration,
    text.replace(/((?:from |import\(|import )['"]\.[^'"\n]*)\.tsx?(?=['"])/g, '$1.js'),
  )
}
