import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

type Entry = { types: string; default: string }

/** One address that a user may import, and the files behind it. */
export type PackageEntry = { specifier: string; code: string; types: string }

/** All of an installed package's entries but its package.json. */
export function entriesOf(folder: string): PackageEntry[] {
  const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string
    exports: Record<string, string | Entry>
  }
  return Object.entries(exports).flatMap(([path, entry]) =>
    typeof entry === 'string'
      ? []
      : [
          {
            specifier: name + path.slice(1),
            code: join(folder, entry.default),
            types: join(folder, entry.types),
          },
        ],
  )
}

/** What an entry exports: the names that are there at run time, and those that are types alone. */
export async function exportsOf({
  code,
  types,
}: PackageEntry): Promise<{ values: string[]; types: string[] }> {
  const values = Object.keys((await import(pathToFileURL(code).href)) as object).sort()
  const declared = [...declaredIn(types)].sort()
  const missing = values.filter((name) => !declared.includes(name))
  if (missing.length > 0) throw new Error(`${types} declares no ${missing.join(', ')}`)
  return { values, types: declared.filter((name) => !values.includes(name)) }
}

/** The names that a declaration file exports; one statement a line or a list in braces, as the compiler writes them. */
function declaredIn(file: string): Set<string> {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const names = new Set<string>()
  for (const [, name = ''] of text.matchAll(
    /^export (?:declare )?(?:abstract )?(?:type|interface|const|let|function|class|enum) (\w+)/gm,
  ))
    names.add(name)
  for (const [, list = ''] of text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)) {
    for (const item of list.split(','))
      names.add(
        item
          .replace(/^[\s\S]* as /, '')
          .replace('type ', '')
          .trim(),
      )
  }
  for (const [, path = ''] of text.matchAll(/^export (?:type )?\* from '(\.[^']+)\.js'/gm)) {
    for (const name of declaredIn(join(dirname(file), `${path}.d.ts`))) names.add(name)
  }
  names.delete('')
  return names
}
