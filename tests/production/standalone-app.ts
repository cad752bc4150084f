import { cpSync, existsSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { samplesOf } from '../../scripts/docs/samples.ts'
import { step } from '../../scripts/install.mjs'
import type { InstalledProject } from '../packages/installed-project.ts'

const layout = `export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>
}
`

/**
 * Builds the app of docs/your-server.md with `output: 'standalone'` in a project that has installed our packages, and copies the output to
 * `target`, which must have no node_modules above it.
 */
export async function buildStandalone({ folder }: InstalledProject, target: string): Promise<void> {
  const app = join(folder, 'standalone-app')
  rmSync(app, { recursive: true, force: true })
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(app, file)), { recursive: true })
    writeFileSync(join(app, file), text)
  }
  // The files are JavaScript, because the project has no TypeScript compiler, and Next would install one.
  const files = new Map(
    samplesOf('docs/your-server.md').map(({ file, code }) => [file, stripTypeScriptTypes(code)]),
  )
  const sample = (file: string): string => files.get(file) ?? ''
  const handler = 'app/api/auth/[...path]/route.ts'
  write('app/sallyport.js', sample('app/sallyport.ts'))
  write('instrumentation.js', sample('instrumentation.ts'))
  for (const [name, up] of [
    ['api/auth', '../../../'],
    ['api/user', '../../../'],
    ['.well-known', '../../'],
  ])
    write(`app/${name}/[...path]/route.js`, sample(handler).replace('../../../', String(up)))
  write('app/layout.jsx', layout)
  write('package.json', JSON.stringify({ name: 'standalone-app', private: true }))
  write(
    'next.config.mjs',
    // A lock file further up, such as one in the temporary folder, would make that folder the root of the output.
    sample('next.config.ts').replace(
      '{ transpile',
      `{ output: 'standalone', outputFileTracingRoot: ${JSON.stringify(folder)}, transpile`,
    ),
  )
  await step('Building a standalone Next app', process.execPath, [
    join(folder, 'node_modules/next/dist/bin/next'),
    'build',
    app,
  ])
  // In a project with several apps, the output has the app in a folder of its name.
  cpSync(join(app, '.next/standalone'), target, { recursive: true, verbatimSymlinks: true })
  rmSync(app, { recursive: true, force: true })
  if (!existsSync(join(target, 'standalone-app/server.js')))
    throw new Error(`no server.js: ${globSync('*', { cwd: target })}`)
}
