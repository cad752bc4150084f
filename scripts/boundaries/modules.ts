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
  ...server('services', 'config', 'store', 'credentials', 'tokens', 'mail', 'providers', 'telemetry'),
]
const flows = server(
  'flows/account',
  'flows/operator',
  'flows/organization',
  'flows/sign-in',
  'flows/second-factor',
  'flows/session',
)

/**
 * All modules. If a folder is not listed, the check fails. Tests may import everything of their own package. docs/architecture.md is
 * generated from this table, and check.ts compares the imports of the sources with it.
 */
export const modules: Readonly<Record<string, Module>> = {
  [protocol]: {
    holds:
      'the code that server, verifiers and front ends share: schemas, errors, cookies, the type of the caller',
    mayImport: [],
  },
  [endpoints]: {
    holds:
      'the table of endpoints: one row for each method and path, with the schemas of request and response',
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
    holds: 'creates and runs the auth server: start, periodic work, the listener for Node, backup, move',
    mayImport: [
      protocol,
      verify,
      ...flows,
      ...server(
        'http',
        'services',
        'config',
        'store',
        'credentials',
        'tokens',
        'mail',
        'providers',
        'telemetry',
      ),
    ],
  },
  'packages/server/http': {
    holds:
      'requests and responses: routes, bodies, cookies, CORS, the `Origin` check, OpenAPI, the request log',
    mayImport: [protocol, verify, ...flows, ...server('services', 'config', 'telemetry')],
  },
  'packages/server/flows/account': {
    holds: 'changes by a user to their account: address, password, factors, profile, own data, deletion',
    mayImport: [...server('flows/sign-in', 'flows/second-factor', 'flows/session'), ...belowFlows],
  },
  'packages/server/flows/operator': {
    holds:
      'actions of an operator: users, organizations, import, roles, secrets, deletion of old rows, readiness',
    mayImport: [
      ...server('flows/organization', 'flows/sign-in', 'flows/second-factor', 'flows/session'),
      ...belowFlows,
    ],
  },
  'packages/server/flows/organization': {
    holds: 'organizations: members, invitations, demands, tokens for them',
    mayImport: [...server('flows/sign-in', 'flows/session'), ...belowFlows],
  },
  'packages/server/flows/sign-in': {
    holds: 'sign-in, sign-up, password checks, the start of a session',
    mayImport: [...server('flows/second-factor', 'flows/session'), ...belowFlows],
  },
  'packages/server/flows/second-factor': {
    holds: 'second factors: sets up authenticator apps, checks codes and recovery codes',
    mayImport: [...server('flows/session'), ...belowFlows],
  },
  'packages/server/flows/session': {
    holds: 'a session: tokens, refresh, list, end, introspection, known browsers',
    mayImport: belowFlows,
  },
  'packages/server/services': {
    holds:
      'code of several flows: signing keys, mailer, revocation log, throttles, hooks, audit log, context',
    mayImport: belowFlows.filter((module) => module !== 'packages/server/services'),
  },
  'packages/server/store': {
    holds: 'all SQL: tables, migrations, queries, on SQLite and PostgreSQL',
    mayImport: [protocol],
  },
  'packages/server/credentials': {
    holds: 'password hashes (ours and those of other systems), the hash queue, the password policy',
    mayImport: [protocol],
  },
  'packages/server/providers': {
    holds: 'sign-in at outside providers: presets, profiles, OpenID Connect and OAuth 2.0',
    mayImport: [protocol],
  },
  'packages/server/tokens': {
    holds: 'access and refresh tokens, the refresh rule, keys, encrypted values',
    mayImport: [protocol, verify],
  },
  'packages/server/mail': { holds: 'mails, templates, SMTP', mayImport: [protocol] },
  'packages/server/config': { holds: 'reads and checks the settings', mayImport: [protocol] },
  'packages/server/telemetry': { holds: 'metrics and traces', mayImport: [] },
  'packages/next': {
    holds: 'the entry points of the SDK: server, proxy, client, issuer',
    mayImport: [protocol, verify, ...next('config', 'server', 'proxy', 'client', 'session', 'paths')],
  },
  'packages/next/server': {
    holds: 'functions for pages, actions and handlers: auth, api, account, sessions; the routes below /api',
    mayImport: [protocol, verify, ...next('config', 'session', 'request', 'paths')],
  },
  'packages/next/proxy': {
    holds: 'authProxy: refreshes, redirects, rules by path',
    mayImport: [protocol, verify, ...next('config', 'session', 'request', 'paths')],
  },
  'packages/next/client': {
    holds: 'components and hooks for the browser: SessionProvider, useSession, Can',
    mayImport: [protocol, ...next('paths')],
  },
  'packages/next/request': {
    holds: 'one request: its origin, its caller, its body, and forwarding it to an API',
    mayImport: [protocol, ...next('config', 'session', 'paths')],
  },
  'packages/next/session': {
    holds: 'the session in cookies: verifies and refreshes it, calls the auth server; custom issuers',
    mayImport: [protocol, verify, ...next('config', 'paths')],
  },
  'packages/next/config': {
    holds: 'reads and checks the options and the environment',
    mayImport: [protocol, verify, ...next('paths')],
  },
  'packages/next/paths': { holds: 'the paths of the app: patterns, basePath, returnTo', mayImport: [] },
  'packages/cli': {
    holds: 'the command `sallyport`',
    mayImport: ['packages/server', ...cli('commands', 'terminal')],
  },
  'packages/cli/commands': {
    holds: 'one file for each command',
    mayImport: ['packages/server', ...cli('guards', 'import', 'scaffold', 'terminal')],
  },
  'packages/cli/guards': {
    holds: 'finds the roles and permissions that guards in the code require',
    mayImport: [],
  },
  'packages/cli/scaffold': { holds: 'makes and writes the plan of `sallyport init`', mayImport: [] },
  'packages/cli/templates': {
    holds: 'the files that `sallyport init` writes',
    mayImport: ['packages/next'],
  },
  'packages/cli/import': { holds: 'reads the user exports of other systems', mayImport: [] },
  'packages/cli/terminal': { holds: 'prints questions, tables and colours', mayImport: [] },
  'apps/billing-auth': {
    holds: 'the example’s permissions and roles, and the configuration file of its auth server',
    mayImport: ['packages/server', verify],
  },
  'apps/billing-api': { holds: 'the example’s API (Express)', mayImport: [verify, 'apps/billing-auth'] },
  'apps/billing-web': {
    holds: 'the example’s pages (Next)',
    mayImport: ['packages/next', 'apps/billing-auth'],
  },
}
