import { existsSync, readFileSync } from 'node:fs'
import type { Access } from '@sallyport/server'
import { type FoundGuards, findGuards, type Place, UnreadableCode } from '../../guards/find-guards.ts'
import { sourceFiles } from '../../guards/source-files.ts'
import { Refusal } from '../refusal.ts'
import { counted, type Findings } from './findings.ts'

/**
 * Compares the definition with the guards in the code.
 *
 * @throws Refusal if a path does not exist.
 */
export async function checkCode(access: Access, paths: readonly string[]): Promise<Findings> {
  const { faultOfName } = await import('@sallyport/server')
  const found: Findings = { mistakes: [], notes: [], compared: '' }
  const required = new Set<string>()
  let guards = 0
  let files = 0
  for (const file of filesIn(paths)) {
    files += 1
    const where = ({ line, column }: Place) => `${file}:${line}:${column}`
    const read = guardsOf(file)
    if (read instanceof UnreadableCode) {
      found.mistakes.push({
        where: where(read.place),
        message: `This file is not valid code: ${read.message}.`,
      })
      continue
    }
    guards += read.guards
    for (const place of read.unread)
      found.notes.push(`${where(place)}: this guard was not checked, because its names are not in the file.`)
    for (const { kind, name, ...place } of read.names) {
      const message = faultOfName(kind, name, access)
      if (message !== null) found.mistakes.push({ where: where(place), message })
      if (kind === 'permission') required.add(name)
    }
  }
  const unused = access.permissions.filter((permission) => !required.has(permission))
  found.notes.push(...unused.map((permission) => `No guard requires the permission ${permission}.`))
  found.compared = `${counted(guards, 'guard')} in ${counted(files, 'file')}`
  return found
}

function guardsOf(file: string): FoundGuards | UnreadableCode {
  try {
    return findGuards(file, readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof UnreadableCode) return error
    throw error
  }
}

function filesIn(paths: readonly string[]): Set<string> {
  const missing = paths.find((path) => !existsSync(path))
  if (missing !== undefined) throw new Refusal(`There is no file or folder ${missing}, which --code names.`)
  return new Set(paths.flatMap((path) => [...sourceFiles(path)]))
}
