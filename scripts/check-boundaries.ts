// Fails on an import that crosses rooms against the arrows, and on any cycle of files. CONTRIBUTING.md shows the rooms.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Which rooms a room may import. A room not listed here may not exist; test files may import anything of their own package. */
const arrows: Record<string, readonly string[]> = {
  'packages/protocol': [],
  'packages/verify': ['packages/protocol'],
  'packages/verify/adapters': ['packages/protocol', 'packages/verify'],
  'packages/server': [
    'packages/protocol',
    'packages/verify',
    'packages/server/config',
    'packages/server/http',
    'packages/server/flows',
    'packages/server/services',
    'packages/server/store',
    'packages/server/credentials',
    'packages/server/tokens',
    'packages/server/mail',
    'packages/server/telemetry',
  ],
  'packages/server/http': [
    'packages/protocol',
    'packages/verify',
    'packages/server/config',
    'packages/server/flows',
    'packages/server/services',
    'packages/server/telemetry',
  ],
  'packages/server/telemetry': [],
  'packages/server/config': ['packages/protocol'],
  'packages/server/flows': [
    'packages/protocol',
    'packages/verify',
    'packages/server/services',
    'packages/server/config',
    'packages/server/store',
    'packages/server/credentials',
    'packages/server/tokens',
    'packages/server/mail',
    'packages/server/telemetry',
  ],
  'packages/server/services': [
    'packages/protocol',
    'packages/server/config',
    'packages/verify',
    'packages/server/store',
    'packages/server/credentials',
    'packages/server/tokens',
    'packages/server/mail',
    'packages/server/telemetry',
  ],
  'packages/server/store': ['packages/protocol'],
  'packages/server/credentials': ['packages/protocol'],
  'packages/server/tokens': ['packages/protocol', 'packages/verify'],
  'packages/server/mail': ['packages/protocol'],
  'packages/next': [
    'packages/protocol',
    'packages/verify',
    'packages/next/config',
    'packages/next/server',
    'packages/next/proxy',
    'packages/next/client',
    'packages/next/session',
    'packages/next/paths',
  ],
  'packages/next/server': [
    'packages/protocol',
    'packages/verify',
    'packages/next/config',
    'packages/next/session',
    'packages/next/request',
    'packages/next/paths',
  ],
  'packages/next/proxy': [
    'packages/protocol',
    'packages/verify',
    'packages/next/config',
    'packages/next/session',
    'packages/next/request',
    'packages/next/paths',
  ],
  'packages/next/client': ['packages/protocol', 'packages/next/paths'],
  'packages/next/request': [
    'packages/protocol',
    'packages/next/config',
    'packages/next/session',
    'packages/next/paths',
  ],
  'packages/next/session': [
    'packages/protocol',
    'packages/verify',
    'packages/next/config',
    'packages/next/paths',
  ],
  'packages/next/config': ['packages/protocol', 'packages/verify', 'packages/next/paths'],
  'packages/next/paths': [],
  'packages/cli': ['packages/server', 'packages/cli/commands', 'packages/cli/terminal'],
  'packages/cli/commands': [
    'packages/server',
    'packages/cli/import',
    'packages/cli/scaffold',
    'packages/cli/terminal',
  ],
  'packages/cli/scaffold': [],
  'packages/cli/templates': ['packages/next'],
  'packages/cli/import': [],
  'packages/cli/terminal': [],
  'apps/billing-api': ['packages/verify'],
  'apps/billing-web': ['packages/next'],
}

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

/** As the table writes paths, on Windows too. */
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

/** The room of a file: the deepest one in the table that holds it. */
function roomOf(file: string): string | null {
  const path = file.replace('/src/', '/')
  const rooms = Object.keys(arrows).filter((room) => path.startsWith(`${room}/`))
  return rooms.sort((one, other) => other.length - one.length)[0] ?? null
}

const complaints: string[] = []
const graph = new Map<string, string[]>()
for (const file of files) {
  const room = roomOf(file)
  if (room === null)
    complaints.push(`${file}: this room has no place in the table of scripts/check-rooms.ts.`)
  const folder = file.match(/^packages\/[\w-]+\/src\/([\w-]+)\//)?.[1]
  if (folder && room !== null && !room.endsWith(`/${folder}`))
    complaints.push(`${file}: the room ${folder} is not in the table of scripts/check-rooms.ts.`)
  const imports = importsOf(file)
  graph.set(
    file,
    imports.map(({ to }) => to).filter((to) => existsSync(join(root, to))),
  )
  for (const { to } of imports) {
    const target = roomOf(to)
    if (room === null || target === null || target === room) continue
    if (!arrows[room]?.includes(target))
      complaints.push(`${file}: imports ${to}, but there is no arrow ${room} → ${target}.`)
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
  complaints.push(`${file}: name the room after what lives in it (no utils, helpers, shared, common, types).`)

if (complaints.length > 0) {
  console.error([...new Set(complaints)].join('\n'))
  process.exit(1)
}
console.log(
  `Rooms: ${files.length} files, ${Object.keys(arrows).length} rooms, no arrow against the plan, no cycle.`,
)
