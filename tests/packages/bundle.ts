import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

/** The bundle of one import. */
export type Bundled = {
  /** The size in bytes, minified and gzipped. */
  gzipped: number
  /** The packages whose code the bundle contains. */
  packages: string[]
  /** What the bundle imports at run time. */
  imports: string[]
}

/** Bundles what one statement imports, as a user's app would. React and Next are left out, because the app itself has them. */
export async function bundled(folder: string, statement: string): Promise<Bundled> {
  const program = join(folder, 'program.mjs')
  const bundle = await rolldown({
    input: program,
    cwd: folder,
    platform: 'node',
    external: /^(?:react|react-dom|next)(?:\/|$)/,
    // This file does not exist. Packages are resolved as if it were in this folder.
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === program ? id : null),
        load: (id) => (id === program ? statement : null),
      },
    ],
    logLevel: 'silent',
  })
  const { output } = await bundle.generate({ minify: true, codeSplitting: false })
  await bundle.close()
  const [{ code, modules, imports, dynamicImports }] = output
  const contributing = Object.entries(modules).filter(([, { renderedLength }]) => renderedLength > 0)
  return {
    gzipped: gzipSync(code).length,
    packages: [...new Set(contributing.map(([id]) => packageOf(id)))].filter((name) => name !== '').sort(),
    imports: [...new Set([...imports, ...dynamicImports])].sort(),
  }
}

function packageOf(id: string): string {
  return id.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? ''
}
