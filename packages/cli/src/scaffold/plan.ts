import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { addressesOf } from './addresses.ts'
import { entryAt } from './entry-at.ts'
import { planEnvironment } from './environment.ts'
import type { LocalAddresses } from './local-addresses.ts'
import type { NextApp } from './next-app.ts'
import { type Part, parts, placeOf, textOf } from './parts.ts'
import type { PlannedFile } from './planned-file.ts'
import type { WaysIn } from './ways-in.ts'

/** Plans all files before any file is written. */
export function planFiles(app: NextApp, local: LocalAddresses, waysIn: WaysIn = {}): PlannedFile[] {
  const addresses = addressesOf(app)
  const [first, ...others] = parts
  const auth = planPart(app, first, addresses)
  const isOurs = auth.every(({ state }) => state !== 'left')
  const code = others.flatMap((part) => {
    const files = planPart(app, part, addresses)
    // If the user has their own auth.ts, it may not have the exports that our files import, and our files would break the app.
    return isOurs || part.files[0] === 'proxy.ts' ? files : files.map((file) => waiting(app, file))
  })
  return [...auth, ...code, ...planEnvironment(app, local, waysIn)]
}

function waiting(app: NextApp, file: PlannedFile): PlannedFile {
  if (file.state !== 'create') return file
  const auth = placeOf(parts[0].files[0], app)
  return {
    path: file.path,
    state: 'left',
    note: `not created, because it imports ${auth}: merge that first, then run this again`,
  }
}

function planPart(app: NextApp, part: Part, addresses: Map<string, string>): PlannedFile[] {
  const [main, ...others] = part.files
  const path = placeOf(main, app)
  const found = occupant(app, part, addresses)
  if (found !== null && !isEqual(app, main, found)) {
    const note = found === path ? 'yours' : `${found} exists in its place`
    if (part.merged.test(read(app, found) ?? ''))
      return [{ path, state: 'there', note: `${note}, and already has this` }]
    return [
      {
        path,
        state: 'left',
        note: `${note}, and is not changed. ${howToMerge(part, found)}`,
        snippet: textOf(part.shown, app),
      },
    ]
  }
  return [main, ...others].map((file) => planFile(app, file, part.note))
}

/** Plans one file of a part. */
function planFile(app: NextApp, file: string, note: string): PlannedFile {
  const path = placeOf(file, app)
  const found = siblingOf(app, path)
  if (found === null) return { path, state: 'create', note, text: textOf(file, app) }
  return { path, state: 'there', note: isEqual(app, file, found) ? 'already there' : 'yours' }
}

/** Returns the existing file that is used instead of a part's main file: at its path, under its other name, or at its URL path. */
function occupant(
  app: NextApp,
  { files, address, instead }: Part,
  addresses: Map<string, string>,
): string | null {
  const path = placeOf(files[0], app)
  return (
    siblingOf(app, path) ??
    (instead === undefined ? null : siblingOf(app, join(dirname(path), `${instead}.ts`))) ??
    (address === undefined ? null : (addresses.get(address) ?? null))
  )
}

/** Returns an existing file of the same name, in TypeScript or JavaScript. A link counts as a file, even if its target does not exist. */
function siblingOf({ folder }: NextApp, path: string): string | null {
  if (entryAt(join(folder, path)) !== null) return path
  if (!/\.[jt]sx?$/.test(path)) return null
  const stem = basename(path).replace(/\.[jt]sx?$/, '')
  const name = namesIn(join(folder, dirname(path))).find(
    (other) => other.startsWith(`${stem}.`) && /^\.m?[jt]sx?$/.test(other.slice(stem.length)),
  )
  return name === undefined ? null : join(dirname(path), name)
}

function howToMerge({ instead }: Part, found: string): string {
  return instead !== undefined && basename(found).startsWith(instead)
    ? `Next accepts middleware or proxy, not both: rename it (npx @next/codemod@latest middleware-to-proxy .), then merge this`
    : 'Merge this by hand'
}

function isEqual(app: NextApp, file: string, found: string): boolean {
  return found === placeOf(file, app) && read(app, found)?.replaceAll('\r\n', '\n') === textOf(file, app)
}

/** Returns the text of a file. Returns null for a folder, a link without a target, or a file that cannot be read. */
function read({ folder }: NextApp, path: string): string | null {
  try {
    return readFileSync(join(folder, path), 'utf8')
  } catch {
    return null
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
