import { lstatSync, type Stats, statSync } from 'node:fs'

/** What stands at a path, links followed or not; null where nothing does, and where it cannot be reached. */
export function entryAt(path: string, { followed = false } = {}): Stats | null {
  try {
    return followed ? statSync(path) : lstatSync(path)
  } catch {
    return null
  }
}
