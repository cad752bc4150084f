import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** How one types what comes after `sallyport init`. */
export type PackageManager = {
  name: string
  /** Adds packages to the app. */
  add: readonly string[]
  /** Runs a command of an installed package, and never fetches one: the name may be somebody else's in a registry. */
  run: string
  dev: string
  /** Before options of the script that `dev` runs. */
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

/** The package manager whose lock file lies in the folder or, in a repository of many packages, above it. Without one: npm. */
export function packageManagerOf(folder: string): PackageManager {
  const found = lockFiles.find(([file]) => existsSync(join(folder, file)))
  if (found) return found[1]
  const isTop = existsSync(join(folder, '.git')) || dirname(folder) === folder
  return isTop ? npm : packageManagerOf(dirname(folder))
}
