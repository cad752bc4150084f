import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { entryAt } from './entry-at.ts'
import { installedVersion, isOlder, minNextVersion } from './next-version.ts'
import { type PackageManager, packageManagerOf } from './package-manager.ts'
import { UnfitApp } from './unfit-app.ts'

/** A Next app with the App Router. */
export type NextApp = {
  folder: string
  /** The path of the folder that contains `app/`. Next looks for proxy.ts in the same folder. */
  source: '' | 'src/'
  language: 'TypeScript' | 'JavaScript'
  /** The installed version of Next. If it is not installed, the version range in package.json. */
  next: string
  packageManager: PackageManager
  /** The script `dev` of package.json. Empty if there is none. */
  devScript: string
  /** The `basePath` of next.config, such as `/app`. It is usually empty. */
  basePath: string
  /** The packages that the app needs and that are not installed yet. */
  packages: readonly string[]
  /** The configuration file `next.config.*`. Null if there is none. */
  config: { file: string; text: string } | null
}

type Manifest = {
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  scripts?: Record<string, string>
}

/**
 * Reads the Next app in a folder.
 *
 * @throws UnfitApp if there is no app to which Sallyport can be added.
 */
export function findNextApp(folder: string): NextApp {
  const { dependencies, devDependencies, scripts } = manifestOf(folder)
  const wanted = dependencies?.next ?? devDependencies?.next
  if (wanted === undefined)
    throw new UnfitApp(
      'There is no Next.js app here: package.json does not depend on next. Change to the folder of your app, or create one with: npx create-next-app@latest',
    )
  const next = installedVersion(folder, 'next') ?? wanted
  if (isOlder(next, '16.0.0'))
    throw new UnfitApp(
      `This app has Next.js ${next}, and Sallyport needs ${minNextVersion} or newer. Upgrade it first: npx @next/codemod@latest upgrade latest. It also renames the middleware.ts of Next.js 15 to proxy.ts, which is its name in Next.js 16.`,
    )
  const source = sourceOf(folder)
  const config = configOf(folder)
  return {
    folder,
    source,
    language: languageOf(folder, `${source}app`),
    next,
    packageManager: packageManagerOf(folder),
    devScript: scripts?.dev ?? '',
    basePath: /\bbasePath:\s*['"`](\/[^'"`]+)['"`]/.exec(config?.text ?? '')?.[1] ?? '',
    packages: [
      ...(dependencies?.['@sallyport/next'] === undefined ? ['@sallyport/next'] : []),
      // `sallyport serve` needs this package in the app, even if this command was started from another place.
      ...(installedVersion(folder, 'sallyport') === null ? ['sallyport'] : []),
      ...(isOlder(next, minNextVersion) ? ['next@latest'] : []),
    ],
    config,
  }
}

function manifestOf(folder: string): Manifest {
  const file = join(folder, 'package.json')
  if (!existsSync(file))
    throw new UnfitApp(
      'There is no package.json here. Change to the folder of your Next.js app, or create one with: npx create-next-app@latest',
    )
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest
  } catch {
    throw new UnfitApp('package.json cannot be read as JSON. Fix it first.')
  }
}

function sourceOf(folder: string): NextApp['source'] {
  // Next checks the folders in this order too.
  for (const source of ['', 'src/'] as const) if (isFolder(join(folder, source, 'app'))) return source
  throw new UnfitApp(
    isFolder(join(folder, 'pages')) || isFolder(join(folder, 'src/pages'))
      ? 'This app has only the Pages Router (pages/), and Sallyport needs the App Router. Add an app/ folder with a root layout: one app can have both.'
      : 'There is neither app/ nor src/app/ here. Add one with a root layout, or change to the folder of your Next.js app.',
  )
}

function languageOf(folder: string, app: string): NextApp['language'] {
  const isTyped =
    existsSync(join(folder, 'tsconfig.json')) ||
    readdirSync(join(folder, app)).some((name) => /\.tsx?$/.test(name))
  return isTyped ? 'TypeScript' : 'JavaScript'
}

function configOf(folder: string): NextApp['config'] {
  const file = ['js', 'mjs', 'ts', 'mts']
    .map((extension) => `next.config.${extension}`)
    .find((name) => existsSync(join(folder, name)))
  return file === undefined ? null : { file, text: readFileSync(join(folder, file), 'utf8') }
}

function isFolder(path: string): boolean {
  return entryAt(path, { followed: true })?.isDirectory() ?? false
}
