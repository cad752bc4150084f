// Fails if a module imports another one although modules.ts does not allow it, or if files import each other in a cycle.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { root } from '../install.mjs'
import { modules } from './modules.ts'

type Import = { from: string; to: string }

const packageFolders = new Map(
  globSync('{packages,apps}/*/package.json', { cwd: root }).map((file) => {
    const { name } = JSON.parse(readFileSync(join(root, file), 'utf8')) as { name: string }
    return [name, slashed(dirname(file))] as const
  }),
)

const files = globSync('{packages,apps}/**/*.{ts,tsx}', {
  cwd: root,
  exclude: (path) =>
    /(?:^|[\\/])(?:node_modules|\.next|dist|billing-web-[^\\/]+)(?:[\\/]|$)/.test(String(path)),
})
  .map(slashed)
  .filter((file) => !/\.test\.tsx?$|\.d\.ts$|\/testing\//.test(file))
  .sort()

/** Returns a path with slashes, as in the table. On Windows, it replaces backslashes. */
function slashed(path: string): string {
  return path.replaceAll('\\', '/')
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found: Import[] = []
  for (const [, specifier = ''] of text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|(?<=import\(\s*)['"]([^'"]+)['"]/g,
  )) {
    const to = resolveImport(file, specifier)
    if (to !== null) found.push({ from: file, to })
  }
  return found
}

function resolveImport(file: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return slashed(relative(root, resolve(root, dirname(file), specifier)))
  const name = specifier.startsWith('@')
    ? specifier.split('/').slice(0, 2).join('/')
    : (specifier.split('/')[0] ?? '')
  const folder = packageFolders.get(name)
  return folder ? slashed(join(folder, 'src', 'index.ts')) : null
}

/** Returns the module of a file. If several folders of the table contain the file, the deepest one is its module. */
function moduleOf(file: string): string | null {
  const path = file.replace('/src/', '/')
  const holders = Object.keys(modules).filter((module) => path.startsWith(`${module}/`))
  return holders.sort((one, other) => other.length - one.length)[0] ?? null
}

const complaints: string[] = []
const graph = new Map<string, string[]>()
for (const file of files) {
  const module = moduleOf(file)
  if (module === null)
    complaints.push(`${file}: it belongs to no module of the table in scripts/boundaries/modules.ts.`)
  const folder = file.match(/^packages\/[\w-]+\/src\/([\w-]+)\//)?.[1]
  if (folder && module !== null && !module.split('/').includes(folder))
    complaints.push(`${file}: the module ${folder} is not in the table of scripts/boundaries/modules.ts.`)
  const imports = importsOf(file)
  graph.set(
    file,
    imports.map(({ to }) => to).filter((to) => existsSync(join(root, to))),
  )
  for (const { to } of imports) {
    const target = moduleOf(to)
    if (module === null || target === null || target === module) continue
    if (!modules[module]?.mayImport.includes(target))
      complaints.push(`${file}: imports ${to}, which ${module} may not (scripts/boundaries/modules.ts).`)
  }
}

const state = new Map<string, 'open' | 'done'>()
function walk(file: string, path: string[]): void {
  if (state.get(file) === 'done') return
  if (state.get(file) === 'open') {
    complaints.push(`cycle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`)
    return
  }
  state.set(file, 'open')
  for (const next of graph.get(file) ?? []) walk(next, [...path, file])
  state.set(file, 'done')
}
for (const file of files) walk(file, [])

const badNames = files.filter((file) =>
  /(?:^|\/)(?:utils?|helpers?|shared|common|types|misc|internals?)(?:\/|\.tsx?$)/.test(file),
)
for (const file of badNames)
  complaints.push(`${file}: name it after what is in it (no utils, helpers, shared, common, types).`)

if (complaints.length > 0) {
  console.error([...new Set(complaints)].join('\n'))
  process.exit(1)
}
console.log(
  `Boundaries: ${files.length} files in ${Object.keys(modules).length} modules, no import that is not allowed, no cycle.`,
)
