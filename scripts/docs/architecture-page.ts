import { modules } from '../boundaries/modules.ts'

/** docs/architecture.md, from the table of modules. */
export function architecturePage(): string {
  const rows = Object.entries(modules).map(
    ([path, { holds, mayImport }]) =>
      `| \`${path}\` | ${holds} | ${mayImport.map(shortName).join(', ') || '–'} |`,
  )
  return `<!-- Generated from scripts/boundaries/modules.ts by \`npm run docs\`. -->

# Architecture

Three processes: your pages (Next), your API, and the auth server, which may also be mounted in a process of yours. They share no code at run time and no database. Each of them verifies access tokens by itself.

\`\`\`mermaid
flowchart LR
  browser([Browser]) -->|HTTP-only cookies| pages[Next: packages/next]
  pages -->|Bearer token| api[Your API: packages/verify]
  pages -->|sign-in, refresh, account| auth[Auth server: packages/server]
  auth -->|keys, revocation feed| api
  auth -->|keys, revocation feed| pages
  auth --- database[(SQLite or PostgreSQL)]
  operator([Operator]) -->|sallyport: packages/cli| database
\`\`\`

[How a request travels](how-a-request-travels.md) follows a sign-in, a page, a refresh, a call from a script and a sign-out with its revocation, step by step. [The condition of a refresh](refresh.md) and [the security model](security-model.md) say why.

## Inside the auth server

A request goes down, and never up: a route reads and checks it, a flow does one use case, services are what flows share, the store has all SQL.

\`\`\`mermaid
flowchart TD
${arrowsOf('packages/server').join('\n')}
\`\`\`

## Inside the Next SDK

\`\`\`mermaid
flowchart TD
${arrowsOf('packages/next').join('\n')}
\`\`\`

## Modules, and what each may import

\`npm run check:boundaries\` fails on any other import between modules, on a folder that is not listed, and on a cycle of files. A change that needs another import starts as a page in [decisions](decisions/README.md). Names are those below \`packages/\`; sources are in the \`src\` of each package.

| module | holds | may import |
|---|---|---|
${rows.join('\n')}
`
}

/** The arrows between the folders of a package. Those that follow from others are left out: a picture of all of them shows nothing. */
function arrowsOf(place: string): string[] {
  const inside = Object.keys(modules).filter((path) => path.startsWith(`${place}/`))
  const imports = (path: string) => (modules[path]?.mayImport ?? []).filter((to) => inside.includes(to))
  const reach = (path: string): Set<string> => new Set(imports(path).flatMap((to) => [to, ...reach(to)]))
  return inside.flatMap((from) =>
    imports(from)
      .filter((to) => !imports(from).some((other) => other !== to && reach(other).has(to)))
      .map((to) => `  ${node(from, place)} --> ${node(to, place)}`),
  )
}

function node(path: string, place: string): string {
  const name = path.slice(place.length + 1)
  return `${name.replaceAll(/\W/g, '_')}["${name}"]`
}

function shortName(path: string): string {
  return `\`${path.replace(/^packages\//, '')}\``
}
