import { lstatSync, type Stats, statSync } from 'node:fs'

/** Returns the file or folder at a path. Returns null if there is none, or if it cannot be accessed. */
export function entryAt(path: string, { followed = false } = {}): Stats | null {
  try {
    return followed ? statSync(path) : lstatSync(path)
  } catch {
    return null
  }
}
