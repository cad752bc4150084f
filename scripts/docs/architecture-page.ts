import { modules } from '../boundaries/modules.ts'

/** Creates docs/architecture.md from the table of modules. */
export function architecturePage(): string {
  const rows = Object.entries(modules).map(
    ([path, { holds, mayImport }]) =>
      `| \`${path}\` | ${holds} | ${mayImport.map(shortName).join(', ') || '–'} |`,
  )
  return `<!-- Generated from scripts/boundaries/modules.ts by \`npm run docs\`. -->

# Architecture

There are three processes: your pages (Next), your API, and the auth server, which may also be mounted in one of your processes. They share no database. Each of them verifies access tokens itself.

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

[How a request travels](how-a-request-travels.md) follows a sign-in, a page, a refresh, a call from a script and a sign-out with its revocation, step by step. The reasons are in [the refresh rule](refresh.md) and [the security model](security-model.md).

## Inside the auth server

Imports go only downwards in this picture. A route reads and checks a request, a flow implements one use case, services are used by several flows, and the store has all SQL.

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

\`npm run check:boundaries\` fails on any other import between modules, on a folder that is not listed, and on a cycle of files. If a change needs another import, first write a page in [decisions](decisions/README.md). Names are relative to \`packages/\`; sources are in the \`src\` of each package.

| module | contents | may import |
|---|---|---|
${rows.join('\n')}
`
}

/** Returns the arrows between the folders of a package. An arrow is omitted if a longer path of arrows has the same start and end. */
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
