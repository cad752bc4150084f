import { modules } from '../boundaries/modules.ts'

/** Creates docs/architecture.md from the table of modules. */
export function architecturePage(): string {
  const rows = Object.entries(modules).map(
    ([path, { holds, mayImport }]) =>
      `| \`${path}\` | ${holds} | ${mayImport.map(shortName).join(', ') || '–'} |`,
  )
  return `<!-- Generated from scripts/boundaries/modules.ts by \`npm run docs\`. -->

# Architecture

There are three processes: your pages (Next), your API, and the auth server. The auth server may also run inside one of the other two. Only the auth server uses its database. Each process verifies access tokens itself.

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

[How a request travels](how-a-request-travels.md) shows the steps of a sign-in, a page, a refresh, a call from a script, and a sign-out with its revocation. [The refresh rule](refresh.md) and [the security model](security-model.md) give the reasons.

## Inside the auth server

Each box is a folder. A folder may import only the folders to which its arrows lead, directly or over other folders. \`http\` has the routes, which read and check requests. A flow implements one use case, such as a sign-in. \`services\` has the code that several flows use. \`store\` has all SQL.

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

\`npm run check:boundaries\` fails on any other import between modules, on a folder that is not listed, and on files that import each other in a cycle. If a change needs another import, first write a page in [decisions](decisions/README.md). The names in the column "may import" are relative to \`packages/\`. The sources are in the folder \`src\` of each package.

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
