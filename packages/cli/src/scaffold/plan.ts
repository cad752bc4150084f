import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { addressesOf } from './addresses.ts'
import { entryAt } from './entry-at.ts'
import { planEnvironment } from './environment.ts'
import type { LocalAddresses } from './local-addresses.ts'
import type { NextApp } from './next-app.ts'
import { type Part, partsOf, placeOf } from './parts.ts'
import { type Piece, piecesOf } from './pieces.ts'
import type { PlannedFile } from './planned-file.ts'
import { textOf } from './template-text.ts'
import type { WaysIn } from './ways-in.ts'

/** The app, its existing pages, and what is written. */
type Target = { app: NextApp; addresses: Map<string, string>; pieces: ReadonlySet<Piece> }

/** Plans all files before any file is written. */
export function planFiles(app: NextApp, local: LocalAddresses, waysIn: WaysIn = {}): PlannedFile[] {
  const target = { app, addresses: addressesOf(app), pieces: piecesOf(waysIn) }
  const [first, ...others] = partsOf(target.pieces)
  const auth = planPart(target, first)
  const isOurs = auth.every(({ state }) => state !== 'left')
  const code = others.flatMap((part) => {
    const files = planPart(target, part)
    // If the user has their own auth.ts, it may not have the exports that our files import, and our files would break the app.
    return isOurs || part.files[0] === 'proxy.ts'
      ? files
      : files.map((file) => waiting(file, placeOf(first.files[0], app)))
  })
  return [...auth, ...withoutRepeats(code), ...planEnvironment(app, local, waysIn)]
}

/** Returns the files without those that an earlier part has planned already. */
function withoutRepeats(files: readonly PlannedFile[]): PlannedFile[] {
  return files.filter(({ path }, at) => files.findIndex((file) => file.path === path) === at)
}

function waiting(file: PlannedFile, auth: string): PlannedFile {
  if (file.state !== 'create') return file
  return {
    path: file.path,
    state: 'left',
    note: `not created, because it imports ${auth}: merge that first, then run this again`,
  }
}

function planPart(target: Target, part: Part): PlannedFile[] {
  const { app, pieces } = target
  const [main, ...others] = part.files
  const path = placeOf(main, app)
  const found = occupant(target, part)
  if (found !== null && !isEqual(target, main, found)) {
    const note = found === path ? 'yours' : `${found} exists in its place`
    const text = read(app, found) ?? ''
    if (part.merged.every((pattern) => pattern.test(text)))
      return [{ path, state: 'there', note: `${note}, and already has this` }]
    // The page may be one that this command has written for other ways to sign in. Then its other files differ too.
    if (found === path && others.length > 0 && part.merged[0]?.test(text))
      return [{ path, state: 'left', note: `${note}, and is not changed. ${howToReplace(app, path)}` }]
    return [
      {
        path,
        state: 'left',
        note: `${note}, and is not changed. ${howToMerge(part, found)}`,
        snippet: textOf(part.shown, app, pieces),
      },
    ]
  }
  return [main, ...others].map((file) => planFile(target, file, part.note))
}

/** Plans one file of a part. */
function planFile(target: Target, file: string, note: string): PlannedFile {
  const { app, pieces } = target
  const path = placeOf(file, app)
  const found = siblingOf(app, path)
  if (found === null) return { path, state: 'create', note, text: textOf(file, app, pieces) }
  return { path, state: 'there', note: isEqual(target, file, found) ? 'already there' : 'yours' }
}

/** Returns the existing file that is used instead of a part's main file: at its path, under its other name, or at its URL path. */
function occupant({ app, addresses }: Target, { files, address, instead }: Part): string | null {
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

function howToReplace({ source }: NextApp, path: string): string {
  return `It does not have all the ways to sign in that you have chosen. Move the folder ${dirname(path)} out of ${source}app, run this again, then merge your changes`
}

function isEqual({ app, pieces }: Target, file: string, found: string): boolean {
  return (
    found === placeOf(file, app) && read(app, found)?.replaceAll('\r\n', '\n') === textOf(file, app, pieces)
  )
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
