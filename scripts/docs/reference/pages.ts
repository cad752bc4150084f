import { dirname } from 'node:path'
import { packedTarballs } from '../../packing/tarballs.ts'
import { type Declaration, declarationReader } from './declarations.ts'
import { membersOf } from './members.ts'
import { docOf, type Entry, referencePage } from './reference-page.ts'

type Page = { name: string; title: string; about: string; entries: readonly Entry[] }

const pages: readonly Page[] = [
  {
    name: 'next-server',
    title: '@sallyport/next/server',
    about: '`createAuth`: check who is signed in, call your API, sign in and out',
    entries: [
      { folder: 'next', entry: '/server', about: 'For server components, actions and route handlers.' },
      {
        folder: 'next',
        entry: '/access',
        about: 'For the file that defines roles and permissions: docs/permissions.md.',
      },
    ],
  },
  {
    name: 'next-proxy',
    title: '@sallyport/next/proxy',
    about: '`authProxy`: renew sessions, redirect to the sign-in page, refuse by path',
    entries: [{ folder: 'next', entry: '/proxy', about: 'For `proxy.ts`.' }],
  },
  {
    name: 'next-client',
    title: '@sallyport/next/client',
    about: '`SessionProvider`, `useSession`, `Can`',
    entries: [
      { folder: 'next', entry: '/client', about: 'For client components.' },
      {
        folder: 'next',
        entry: '/client-access',
        about: 'For client components of an app that defines its roles and permissions: docs/permissions.md.',
      },
      {
        folder: 'next',
        entry: '/client-organization',
        about: 'For the layout of an organization: docs/organizations.md.',
      },
    ],
  },
  {
    name: 'next-passkeys',
    title: '@sallyport/next/passkeys',
    about: '`signInWithPasskey`, `addPasskey`, `confirmWithPasskey`: passkeys in the browser',
    entries: [{ folder: 'next', entry: '/passkeys', about: 'For client components: docs/passkeys.md.' }],
  },
  {
    name: 'next-issuer',
    title: '@sallyport/next/issuer',
    about: '`customIssuer`: your backend signs users in, without our auth server',
    entries: [
      {
        folder: 'next',
        entry: '/issuer',
        about: 'For `auth.ts`, if your own backend issues the tokens: docs/existing-backends.md.',
      },
    ],
  },
  {
    name: 'verify',
    title: '@sallyport/verify',
    about: '`createVerifier`, `requireAuth`: guard a Node API',
    entries: [
      {
        folder: 'verify',
        entry: '.',
        about: 'The verifier itself. For a framework, use its adapter as well.',
      },
      {
        folder: 'verify',
        entry: '/access',
        about: 'For the file that defines roles and permissions: docs/permissions.md.',
      },
      { folder: 'verify', entry: '/express', about: 'For Express.' },
      { folder: 'verify', entry: '/fastify', about: 'For Fastify.' },
      { folder: 'verify', entry: '/hono', about: 'For Hono.' },
      {
        folder: 'verify',
        entry: '/fetch',
        about: 'For handlers that take a `Request` and return a `Response`.',
      },
    ],
  },
  {
    name: 'server',
    title: '@sallyport/server',
    about: '`createSallyport`, `serve`, `operator`, hooks, mails: the auth server in your own process',
    entries: [
      {
        folder: 'server',
        entry: '.',
        about: 'The auth server. For its settings, see docs/configuration.md.',
      },
      { folder: 'server', entry: '/node', about: 'For Node’s HTTP server, Express and Fastify.' },
    ],
  },
  {
    name: 'protocol',
    title: '@sallyport/protocol',
    about: 'requests, responses, errors, claims and cookies',
    entries: [
      {
        folder: 'protocol',
        entry: '.',
        about:
          'What is sent between the auth server, the pages and the API. A name that ends with `Schema` is a [Zod](https://zod.dev) schema: `signInRequestSchema.parse(body)`.',
      },
      {
        folder: 'protocol',
        entry: '/endpoints',
        about:
          'The table of endpoints. It has one row for each method of each path, with the schemas of requests and responses.',
      },
      { folder: 'protocol', entry: '/access', about: 'Definitions of roles and permissions, without Zod.' },
      {
        folder: 'protocol',
        entry: '/requirement',
        about: 'The checks of a principal, without Zod, for client components.',
      },
      {
        folder: 'protocol',
        entry: '/allowed-origins',
        about: 'Parses and matches lists and patterns of origins.',
      },
      { folder: 'protocol', entry: '/bounded-body', about: 'Reads a body with a limit of its size.' },
      {
        folder: 'protocol',
        entry: '/client-address',
        about: 'Finds the address of a client behind proxies.',
      },
      {
        folder: 'protocol',
        entry: '/trusted-proxy-hops',
        about: 'Reads the number of proxies from the environment.',
      },
      { folder: 'protocol', entry: '/escape-html', about: 'Escapes text for HTML.' },
      { folder: 'protocol', entry: '/loopback', about: 'Recognizes host names of the local machine.' },
      { folder: 'protocol', entry: '/secret', about: 'Checks secrets in settings.' },
      { folder: 'protocol', entry: '/did-you-mean', about: 'Suggests similar names in error messages.' },
    ],
  },
]

/** Creates the pages of docs/reference/ from the TSDoc of the public exports. If the packages have changed, they are compiled first. */
export async function referencePages(): Promise<{ file: string; text: string }[]> {
  const reader = await compiledReader()
  const written = pages.map(({ name, title, entries }) => {
    return { file: `docs/reference/${name}.md`, text: referencePage(reader, title, entries) }
  })
  return [{ file: 'docs/reference/README.md', text: indexPage() }, ...written]
}

function indexPage(): string {
  const rows = pages.map(({ name, title, about }) => `| [\`${title}\`](${name}.md) | ${about} |`)
  return `<!-- Generated from the TSDoc of the packages by \`npm run docs\`. -->

# Reference

These pages describe every name that the packages export: what it does, its options with their defaults and units, and what it throws. There are separate pages for [the commands](../command-line.md), [the settings](../configuration.md) and [the errors](../errors.md).

| package | what for |
|---|---|
${rows.join('\n')}
`
}

/** Returns the exported names and members that have no TSDoc, such as `@sallyport/next/server ApiCallOptions.search`. */
export async function unexplained(): Promise<string[]> {
  const reader = await compiledReader()
  const lacking = new Set<string>()
  for (const { folder, entry } of pages.flatMap(({ entries }) => entries)) {
    const specifier = `@sallyport/${folder}${entry === '.' ? '' : entry}`
    for (const declaration of reader.exportsOf(folder, entry)) {
      if (!docOf(declaration)?.summary) lacking.add(`${specifier} ${declaration.name}`)
      for (const name of silentMembers(reader, declaration))
        lacking.add(`${specifier} ${declaration.name}.${name}`)
    }
  }
  return [...lacking]
}

function silentMembers(reader: ReturnType<typeof declarationReader>, declaration: Declaration): string[] {
  const isType = declaration.nodes.every(({ node }) => node.type !== 'TSDeclareFunction')
  if (!isType) return []
  return membersOf(reader, declaration).flatMap(({ name, doc, members }) => [
    ...(doc?.summary || name === 'constructor' || name === '' || members.length > 0 ? [] : [name]),
    ...members.flatMap((member) => (member.doc?.summary ? [] : [`${name}.${member.name}`])),
  ])
}

/** The package entries that have a page. */
export const documentedEntries = pages.flatMap(({ entries }) =>
  entries.map(({ folder, entry }) => `@sallyport/${folder}${entry === '.' ? '' : entry}`),
)

async function compiledReader() {
  const [tarball = ''] = Object.values(await packedTarballs())
  return declarationReader(dirname(tarball))
}
