import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

type Entry = { types: string; default: string }

/** One entry that users may import, and its files. */
export type PackageEntry = { specifier: string; code: string; types: string }

/** Returns all entries of an installed package except its package.json. */
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

/** Returns the exports of an entry: names that exist at run time, and type-only names. */
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

/** Returns the exported names of a compiled declaration file. Each line has one statement or a list in braces. */
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
