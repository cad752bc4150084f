import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { samplesOf } from '../../scripts/docs/samples.ts'
import { root } from '../../scripts/install.mjs'
import { packedTarballs } from '../../scripts/packing/tarballs.ts'

const run = promisify(execFile)
const own = fileURLToPath(new URL('.', import.meta.url))

/**
 * Returns the folder of a project outside of the monorepo. It has the libraries of package-lock.json and the published form of
 * `@sallyport/verify`. It is installed once for each lock file, and stays in the system's temporary folder.
 */
export async function installedLibraries(): Promise<string> {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 8)
  const folder = join(tmpdir(), `sallyport-libraries-${name}`)
  const lock = readFileSync(join(own, 'package-lock.json'), 'utf8')
  const stamp = join(folder, 'node_modules', 'installed')
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    for (const file of ['package.json', 'package-lock.json']) cpSync(join(own, file), join(folder, file))
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
    await run('npm', ['ci', ...flags], { cwd: folder, shell: process.platform === 'win32' })
    writeFileSync(stamp, lock)
  }
  const tarballs = await packedTarballs()
  for (const one of ['protocol', 'verify']) {
    const target = join(folder, 'node_modules/@sallyport', one)
    rmSync(target, { recursive: true, force: true })
    mkdirSync(target, { recursive: true })
    await run('tar', ['-xzf', tarballs[`@sallyport/${one}`] ?? '', '-C', target, '--strip-components=1'])
  }
  rmSync(join(folder, 'bare'), { recursive: true, force: true })
  cpSync(join(own, 'bare'), join(folder, 'bare'), { recursive: true })
  return folder
}

/** Compiles the samples of docs/libraries.md to JavaScript, with type checks. @throws Error with the messages of the compiler. */
export async function compileSamples(folder: string): Promise<void> {
  rmSync(join(folder, 'samples'), { recursive: true, force: true })
  rmSync(join(folder, 'compiled'), { recursive: true, force: true })
  for (const { file, code } of samplesOf('docs/libraries.md')) {
    const target = join(folder, 'samples', file)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, code)
  }
  const config = join(folder, 'tsconfig.json')
  writeFileSync(
    config,
    JSON.stringify({
      compilerOptions: {
        ...{ target: 'es2024', module: 'nodenext', strict: true, skipLibCheck: true, types: ['node'] },
        ...{ rootDir: 'samples', outDir: 'compiled', rewriteRelativeImportExtensions: true },
        experimentalDecorators: true,
      },
      include: ['samples'],
    }),
  )
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config]).catch(
    ({ stdout }: { stdout: string }) => {
      throw new Error(stdout)
    },
  )
}
