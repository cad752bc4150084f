import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { entryAt } from './entry-at.ts'
import type { PlannedFile } from './planned-file.ts'
import { UnfitApp } from './unfit-app.ts'

export type NewFile = Extract<PlannedFile, { state: 'create' }>

/**
 * Checks that all files can be written. Call it before the first file is written.
 *
 * @throws UnfitApp if a folder is not writable. The message contains the folder.
 */
export function requireWritable(folder: string, files: readonly NewFile[]): void {
  for (const { path } of files) {
    let parent = dirname(path)
    while (entryAt(join(folder, parent), { followed: true }) === null) parent = dirname(parent)
    if (!entryAt(join(folder, parent), { followed: true })?.isDirectory())
      throw new UnfitApp(`${parent} is not a folder, but ${path} must be in it. Nothing was changed.`)
    try {
      accessSync(join(folder, parent), constants.W_OK | constants.X_OK)
    } catch {
      throw new UnfitApp(
        `The folder ${parent === '.' ? folder : parent} is not writable. Change its permissions, and run this again. Nothing was changed.`,
      )
    }
  }
}

/**
 * Writes all files, or none of them. If a file was created after the plan, it is not overwritten.
 *
 * @throws UnfitApp if a file cannot be written. In this case, the files that this call has written are removed.
 */
export function writeFiles(folder: string, files: readonly NewFile[]): void {
  const made: { path: string; isFolder: boolean }[] = []
  try {
    for (const { path, text, mode, folderMode } of files) {
      made.push(...makeFolders(join(folder, dirname(path)), folderMode))
      // `wx` fails if anything exists at the path, even a link without a target.
      const file = openSync(join(folder, path), 'wx', mode)
      made.push({ path: join(folder, path), isFolder: false })
      writeFileSync(file, text)
      closeSync(file)
    }
  } catch (error) {
    for (const { path, isFolder } of made.reverse()) remove(path, isFolder)
    const { code, path = '', message } = error as NodeJS.ErrnoException
    throw new UnfitApp(
      code === 'EEXIST'
        ? `${path} was created in the meantime. Nothing was changed: run this again.`
        : `Writing failed (${message}). The files written so far were removed: nothing was changed.`,
    )
  }
}

function makeFolders(folder: string, mode?: number): { path: string; isFolder: boolean }[] {
  if (entryAt(folder) !== null) return []
  const above = makeFolders(dirname(folder))
  mkdirSync(folder, { mode })
  return [...above, { path: folder, isFolder: true }]
}

function remove(path: string, isFolder: boolean): void {
  try {
    if (isFolder) rmdirSync(path)
    else rmSync(path)
  } catch {
    // Another process has put a file into the folder. Do not remove the folder.
  }
}
