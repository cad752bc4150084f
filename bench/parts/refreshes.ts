import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import { type AuthServer, startAuthServer } from '../issuers/auth-server.ts'
import { betterAuthOAuth, betterAuthRefreshTokens } from '../issuers/better-auth-oauth.ts'
import { type DatabaseKind, openDatabases } from '../issuers/databases.ts'
import { people, signInEverybody, signUpEverybody } from '../issuers/people.ts'
import { type Callers, type Calls, callsSide, startCallers } from '../measure/calls.ts'
import { compare } from '../measure/compare.ts'
import { type Server, startServer } from '../measure/server.ts'
import { cpuRatio, shareCells, shareColumns } from '../report.ts'
import { root } from '../root.ts'
import type { Bench, Part } from './part.ts'

/** A server whose refreshes are measured, with every user's first refresh token. */
type Refreshing = { server: Server; calls: Calls }

type RefreshRow = { name: string; isOurs?: true; start: (bench: Bench) => Promise<Refreshing> }

const rows: readonly RefreshRow[] = [
  { name: '@sallyport/server: POST /api/auth/refresh', isOurs: true, start: startOurs },
  { name: 'oidc-provider: refresh_token grant, rotated', start: startOidcProvider },
  { name: 'Better Auth OAuth provider: refresh_token grant', start: startBetterAuth },
]

/** The number of sessions. It is the number of users who take turns in all parts of the bench. */
const sessions = people.length
const connections = 16

/** The aims. For PostgreSQL the aim is lower, because a refresh sends several queries over a connection, and the bare limit sends one. */
const leastShare: Record<DatabaseKind, number> = { sqlite: 0.7, postgres: 0.55 }

export const refreshesPart: Part = {
  plan: { rounds: 7, seconds: 1.5, warmUpSeconds: 2 },
  async run(bench) {
    const wanted = rows.filter(({ name }) => bench.wants(name))
    if (wanted.length === 0) return
    const report = bench.table(
      `Refreshes a second as a share of the bare limit: one durable write and one ES256 signature (${bench.databases.kind})`,
      shareColumns('refreshes/s', 'bare/s'),
    )
    const callers = startCallers(join(bench.workDir, 'callers.log'))
    try {
      for (const { name, start, isOurs } of wanted) {
        const comparison = await measure(bench, callers, start)
        const aim = isOurs && { share: leastShare[bench.databases.kind] }
        report(name, shareCells(comparison, aim), isOurs && cpuRatio(comparison))
      }
    } finally {
      await callers.stop()
    }
  },
}

/** Measures the same rows on a real PostgreSQL, which is started for this part and removed afterwards. */
export const refreshesPostgresPart: Part = {
  plan: refreshesPart.plan,
  isLeftOut: ({ kind }) => kind === 'postgres',
  async run(bench) {
    if (bench.databases.kind === 'postgres' || !rows.some(({ name }) => bench.wants(name))) return
    const databases = openDatabases('postgres', bench.workDir)
    try {
      await refreshesPart.run({ ...bench, databases })
    } finally {
      await databases.stop()
    }
  },
}

async function measure(bench: Bench, callers: Callers, start: RefreshRow['start']) {
  const bare = await startBare(bench)
  try {
    const { server, calls } = await start(bench)
    try {
      return await compare(
        callsSide(callers, server, calls),
        callsSide(callers, bare.server, bare.calls),
        bench.plan,
      )
    } finally {
      await server.stop()
    }
  } finally {
    await bare.server.stop()
  }
}

async function startBare(bench: Bench): Promise<Refreshing> {
  const server = await startServer({
    script: join(root, 'bench/refreshes/bare-limit.ts'),
    env: await environment(bench),
    readyPath: paths.ready,
    logFile: join(bench.workDir, 'bare-limit.log'),
  })
  const refreshTokens = people.map((_, index) => `${index}.0.`.padEnd(72, 'x'))
  return { server, calls: { kind: 'rotating', url: server.url + paths.refresh, connections, refreshTokens } }
}

async function startOurs(bench: Bench): Promise<Refreshing> {
  const server: AuthServer = await startAuthServer(bench)
  await signUpEverybody(server.url)
  const tokens = await signInEverybody(server.url)
  const refreshTokens = tokens.map(({ refreshToken }) => refreshToken)
  return { server, calls: { kind: 'rotating', url: server.url + paths.refresh, connections, refreshTokens } }
}

async function startOidcProvider(bench: Bench): Promise<Refreshing> {
  const server = await startPeer(bench, 'oidc-provider', '/jwks')
  const answer = await fetch(`${server.url}/refresh-tokens`)
  const { refreshTokens } = (await answer.json()) as { refreshTokens: string[] }
  const form = { client_id: 'bench' }
  return { server, calls: { kind: 'rotating', url: `${server.url}/token`, connections, refreshTokens, form } }
}

async function startBetterAuth(bench: Bench): Promise<Refreshing> {
  const server = await startPeer(bench, 'better-auth', '/api/auth/ok')
  const { refreshTokens, form } = await betterAuthRefreshTokens(server.url)
  const url = `${server.url}/api/auth/oauth2/token`
  return { server, calls: { kind: 'rotating', url, connections, refreshTokens, form } }
}

async function startPeer(bench: Bench, name: string, readyPath: string): Promise<Server> {
  return startServer({
    script: join(root, `bench/peers/refreshes/${name}.mjs`),
    env: await environment(bench),
    readyPath,
    logFile: join(bench.workDir, `${name}.log`),
  })
}

/** Returns the environment of a measured server. Each server has its own database. The settings are those that any of the servers needs. */
async function environment(bench: Bench): Promise<() => NodeJS.ProcessEnv> {
  const database = await bench.databases.fresh()
  return () => ({
    ...database,
    ...betterAuthOAuth,
    SESSIONS: String(sessions),
    SECRET: 'only for the bench: a secret wants 32',
  })
}
