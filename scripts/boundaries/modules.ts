/** A folder of the sources. `holds` says what it contains, and `mayImport` lists the folders that it may import. */
export type Module = { holds: string; mayImport: readonly string[] }

const server = (...folders: string[]) => folders.map((folder) => `packages/server/${folder}`)
const next = (...folders: string[]) => folders.map((folder) => `packages/next/${folder}`)
const cli = (...folders: string[]) => folders.map((folder) => `packages/cli/${folder}`)

const protocol = 'packages/protocol'
const endpoints = 'packages/protocol/endpoints'
const verify = 'packages/verify'
/** The modules that all flows may import. */
const belowFlows = [
  protocol,
  verify,
  ...server('services', 'config', 'store', 'credentials', 'tokens', 'mail', 'telemetry'),
]
const flows = server('flows/account', 'flows/operator', 'flows/sign-in', 'flows/session')

/**
 * All modules. If a folder is not listed, the check fails. Tests may import everything of their own package. docs/architecture.md is
 * generated from this table, and check.ts compares the imports of the sources with it.
 */
export const modules: Readonly<Record<string, Module>> = {
  [protocol]: {
    holds: 'what server, verifiers and front ends share: schemas, errors, cookies, the principal',
    mayImport: [],
  },
  [endpoints]: {
    holds: 'one row for each method of each address, with the schemas of its requests and answers',
    mayImport: [protocol],
  },
  [verify]: {
    holds: 'verifies access tokens: keys, claims, the revocation feed, the token cache',
    mayImport: [protocol],
  },
  'packages/verify/adapters': {
    holds: 'the guards for Express, Fastify, Hono and fetch handlers',
    mayImport: [protocol, verify],
  },
  'packages/server': {
    holds:
      'creates a server from settings and runs it: composition, periodic work, Node’s listener, backup, move',
    mayImport: [
      protocol,
      verify,
      ...flows,
      ...server('http', 'services', 'config', 'store', 'credentials', 'tokens', 'mail', 'telemetry'),
    ],
  },
  'packages/server/http': {
    holds: 'requests and responses: routes, bodies, cookies, CORS, the origin rule, OpenAPI, the request log',
    mayImport: [protocol, verify, ...flows, ...server('services', 'config', 'telemetry')],
  },
  'packages/server/flows/account': {
    holds: 'changes by a user to their account: address, password, profile, own data, deletion',
    mayImport: [...server('flows/sign-in', 'flows/session'), ...belowFlows],
  },
  'packages/server/flows/operator': {
    holds: 'actions of an operator: users, import, roles, secrets, purge, readiness',
    mayImport: [...server('flows/sign-in', 'flows/session'), ...belowFlows],
  },
  'packages/server/flows/sign-in': {
    holds: 'sign-in, sign-up, password checks, the start of a session',
    mayImport: [...server('flows/session'), ...belowFlows],
  },
  'packages/server/flows/session': {
    holds: 'a session: tokens, refresh, list, end, introspection, known browsers',
    mayImport: belowFlows,
  },
  'packages/server/services': {
    holds:
      'used by several flows: signing keys, mailer, revocation hub, throttles, hooks, audit log, context',
    mayImport: belowFlows.filter((module) => module !== 'packages/server/services'),
  },
  'packages/server/store': {
    holds: 'all SQL: tables, migrations, queries, on SQLite and PostgreSQL',
    mayImport: [protocol],
  },
  'packages/server/credentials': {
    holds: 'password hashes, ours and those of other systems, the hash queue, the password policy',
    mayImport: [protocol],
  },
  'packages/server/tokens': {
    holds: 'access and refresh tokens, the refresh rule, keys, encrypted values',
    mayImport: [protocol, verify],
  },
  'packages/server/mail': { holds: 'mails, templates, SMTP', mayImport: [protocol] },
  'packages/server/config': { holds: 'the settings, read and checked', mayImport: [protocol] },
  'packages/server/telemetry': { holds: 'metrics and traces', mayImport: [] },
  'packages/next': {
    holds: 'the entries of the SDK: server, proxy, client, issuer',
    mayImport: [protocol, verify, ...next('config', 'server', 'proxy', 'client', 'session', 'paths')],
  },
  'packages/next/server': {
    holds: 'for pages, actions and handlers: auth, api, account, sessions, the routes below /api',
    mayImport: [protocol, verify, ...next('config', 'session', 'request', 'paths')],
  },
  'packages/next/proxy': {
    holds: 'authProxy: renewal, redirects, rules by path',
    mayImport: [protocol, verify, ...next('config', 'session', 'request', 'paths')],
  },
  'packages/next/client': {
    holds: 'for the browser: SessionProvider, useSession, Can',
    mayImport: [protocol, ...next('paths')],
  },
  'packages/next/request': {
    holds: 'one request: its origin, caller and body; forwarding it to an API',
    mayImport: [protocol, ...next('config', 'session', 'paths')],
  },
  'packages/next/session': {
    holds: 'the session in cookies: verify, renew, call the auth server; custom issuers',
    mayImport: [protocol, verify, ...next('config', 'paths')],
  },
  'packages/next/config': {
    holds: 'the options and the environment, read and checked',
    mayImport: [protocol, verify, ...next('paths')],
  },
  'packages/next/paths': { holds: 'the paths of the app: patterns, basePath, returnTo', mayImport: [] },
  'packages/cli': {
    holds: 'the command `sallyport`',
    mayImport: ['packages/server', ...cli('commands', 'terminal')],
  },
  'packages/cli/commands': {
    holds: 'one file for each command',
    mayImport: ['packages/server', ...cli('import', 'scaffold', 'terminal')],
  },
  'packages/cli/scaffold': { holds: 'the plan of `sallyport init`, and how it is written', mayImport: [] },
  'packages/cli/templates': {
    holds: 'the files that `sallyport init` writes',
    mayImport: ['packages/next'],
  },
  'packages/cli/import': { holds: 'reads exports of users', mayImport: [] },
  'packages/cli/terminal': { holds: 'questions, tables, colours', mayImport: [] },
  'apps/billing-api': { holds: 'the example’s API (Express)', mayImport: [verify] },
  'apps/billing-web': { holds: 'the example’s pages (Next)', mayImport: ['packages/next'] },
}
