import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The commands of a package manager. `sallyport init` prints them as the next steps. */
export type PackageManager = {
  name: string
  /** The command that adds packages to the app. */
  add: readonly string[]
  /**
   * The command that runs an installed package. It must not download a package, because in a registry the name may belong to somebody else.
   */
  run: string
  dev: string
  /** The text that must be written before options of the script `dev`. */
  devOptions: string
}

const npm: PackageManager = {
  name: 'npm',
  add: ['npm', 'install'],
  run: 'npx --no',
  dev: 'npm run dev',
  devOptions: ' --',
}
const pnpm: PackageManager = {
  name: 'pnpm',
  add: ['pnpm', 'add'],
  run: 'pnpm exec',
  dev: 'pnpm dev',
  devOptions: '',
}
const yarn: PackageManager = {
  name: 'yarn',
  add: ['yarn', 'add'],
  run: 'yarn',
  dev: 'yarn dev',
  devOptions: '',
}
const bun: PackageManager = {
  name: 'bun',
  add: ['bun', 'add'],
  run: 'bun run',
  dev: 'bun run dev',
  devOptions: '',
}

const lockFiles: [string, PackageManager][] = [
  ['pnpm-lock.yaml', pnpm],
  ['yarn.lock', yarn],
  ['bun.lock', bun],
  ['bun.lockb', bun],
  ['package-lock.json', npm],
]

/** Returns the package manager whose lock file is in the folder or, in a monorepo, in a folder above. Default: npm. */
export function packageManagerOf(folder: string): PackageManager {
  const found = lockFiles.find(([file]) => existsSync(join(folder, file)))
  if (found) return found[1]
  const isTop = existsSync(join(folder, '.git')) || dirname(folder) === folder
  return isTop ? npm : packageManagerOf(dirname(folder))
}
