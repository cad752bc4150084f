import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Access } from '../../packages/protocol/src/access.ts'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import type { NameVector, PermissionVector } from '../../scripts/vectors/permission-cases.ts'

/** Returns what `check_permissions` of a class in another language must print for a file of vectors. */
export function outcomesOf(file: string): unknown {
  const { cases, names } = JSON.parse(readFileSync(file, 'utf8')) as {
    cases: PermissionVector[]
    names: NameVector[]
  }
  return {
    withDefinition: cases.map(({ name, permissions }) => [name, permissions]),
    withoutDefinition: cases.map(({ name, withoutDefinition }) => [name, withoutDefinition]),
    faults: names.map(({ fault }) => fault),
    accepted: [],
  }
}

/** Writes a definition as `sallyport access export` does. Returns the path of the file. */
export function exportedDefinition(definition: Access): string {
  const file = join(temporaryFolder(), 'access.json')
  writeFileSync(file, JSON.stringify(definition, null, 2))
  return file
}
