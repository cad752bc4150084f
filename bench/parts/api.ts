import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import { decodeProtectedHeader } from 'jose'
import { type AuthServer, apiEnvironment, startAuthServer } from '../issuers/auth-server.ts'
import { betterAuthCallers } from '../issuers/better-auth.ts'
import { startOneTimeIssuer } from '../issuers/one-time-tokens.ts'
import { signInEverybody, signUpEverybody } from '../issuers/people.ts'
import { type Comparison, compare } from '../measure/compare.ts'
import { requireGuarded } from '../measure/guarded.ts'
import { httpSide, type LoadRequest } from '../measure/load.ts'
import { type Server, startServer } from '../measure/server.ts'
import { type Aim, type Column, cpuRatio, micros, shareCells, shareColumns, verdict } from '../report.ts'
import { root } from '../root.ts'
import type { Bench, Part } from './part.ts'

/** The callers: users with a token of our auth server, with a new token for each request, or with a Better Auth session. */
type Callers = 'signed in' | 'never seen before' | 'signed in to Better Auth'
type ApiRow = {
  name: string
  script: string
  callers: Callers
  env?: NodeJS.ProcessEnv
  /** The row checks a signature at every request. So its cost is also shown as a multiple of the cost of one signature check. */
  checksEach?: true
  /** The row is about our own code, and its figure is compared with the recorded one. */
  isOurs?: true
  aim?: Aim
}

const warm = { callers: 'signed in', isOurs: true, aim: { addedCpuMicros: 3 } } as const

const rows: readonly ApiRow[] = [
  { name: '@sallyport/verify/express', script: 'api/express.ts', ...warm },
  { name: '@sallyport/verify/fastify', script: 'api/fastify.ts', ...warm },
  { name: '@sallyport/verify/hono', script: 'api/hono.ts', ...warm },
  {
    name: 'express: the header is read, nothing is checked',
    script: 'api/express-header.ts',
    callers: 'signed in',
  },
  {
    name: 'hono: the header is read, nothing is checked',
    script: 'api/hono-header.ts',
    callers: 'signed in',
  },
  {
    name: '@sallyport/verify/express, cold: every token new',
    script: 'api/express.ts',
    callers: 'never seen before',
    isOurs: true,
    checksEach: true,
  },
  {
    name: 'express + fast-jwt, its cache on',
    script: 'peers/api/fast-jwt.mjs',
    callers: 'signed in',
    env: { CACHE: '1' },
  },
  {
    name: 'express + fast-jwt',
    script: 'peers/api/fast-jwt.mjs',
    callers: 'signed in',
    checksEach: true,
  },
  {
    name: 'express + jose, local key',
    script: 'peers/api/jose.mjs',
    callers: 'signed in',
    checksEach: true,
  },
  {
    name: 'express + jose, createRemoteJWKSet',
    script: 'peers/api/jose.mjs',
    callers: 'signed in',
    env: { REMOTE: '1' },
    checksEach: true,
  },
  {
    name: 'express + jsonwebtoken',
    script: 'peers/api/jsonwebtoken.mjs',
    callers: 'signed in',
    checksEach: true,
  },
  {
    name: 'express + Better Auth, cookie cache',
    script: 'peers/api/better-auth.mjs',
    callers: 'signed in to Better Auth',
    env: { COOKIE_CACHE: '1' },
  },
  {
    name: 'express + Better Auth',
    script: 'peers/api/better-auth.mjs',
    callers: 'signed in to Better Auth',
  },
]

/** An Express server that only checks the signature, with node:crypto. */
const bareSignature = { name: 'bare signature', script: 'api/bare-signature.ts' }

/** The maximum CPU time to verify a new token, as a multiple of the CPU time to check only its signature. */
const maxSignatures = 1.1

const connections = 32

/** The number of requests per second for which the row with new tokens gets tokens. */
const coldPerSecond = 3_200

export const apiPart: Part = {
  plan: { rounds: 7, seconds: 1.2, warmUpSeconds: 1.5 },
  quickPlan: { rounds: 1, seconds: 1, warmUpSeconds: 0 },
  async run(bench) {
    const wanted = rows.filter(({ name }) => bench.wants(name))
    if (wanted.length === 0) return
    const report = bench.table(
      'A protected API endpoint as a share of the same endpoint unprotected, warm',
      shareColumns('guarded/s', 'open/s'),
    )
    const authServer = await startAuthServer(bench)
    const checking: { row: ApiRow; comparison: Comparison; bareMicros: number }[] = []
    const measure = (row: ApiRow) =>
      row.callers === 'never seen before'
        ? measureCold(bench, row, authServer)
        : measureWarm(bench, row, authServer)
    try {
      await signUpEverybody(authServer.url)
      for (const row of wanted) {
        const comparison = await measure(row)
        report(row.name, shareCells(comparison, row.aim), row.isOurs && cpuRatio(comparison))
        if (!row.checksEach) continue
        // The bare check is measured in the same minute, with the same callers and generator, because on a busy processor each signature
        // takes longer.
        const bare = await measure({ ...bareSignature, callers: row.callers })
        checking.push({ row, comparison, bareMicros: bare.addedCpuMicros })
      }
    } finally {
      await authServer.stop()
    }
    if (checking.length > 0) reportSignatures(bench, checking)
  },
}

const signatureColumns: readonly Column[] = [
  { title: 'added CPU µs', width: 14 },
  { title: 'signature µs', width: 14 },
  { title: 'multiple', width: 10 },
  { title: '(lowest–highest)', width: 18 },
  { title: 'aim', width: 9 },
]

/**
 * Reports CPU time and not the rate. If a library checks signatures on another thread, the rate may be higher, but the CPU time is not
 * lower.
 */
function reportSignatures(
  bench: Bench,
  measured: readonly { row: ApiRow; comparison: Comparison; bareMicros: number }[],
): void {
  const report = bench.table(
    'CPU that a token never seen before costs, as a multiple of its bare ES256 signature',
    signatureColumns,
  )
  for (const { row, comparison, bareMicros } of measured) {
    const multiple = comparison.addedCpuMicros / bareMicros
    const of = (addedMicros: number) => (addedMicros / bareMicros).toFixed(2)
    report(row.name, [
      micros(comparison.addedCpuMicros),
      micros(bareMicros),
      of(comparison.addedCpuMicros),
      `(${of(comparison.lowestAddedCpuMicros)}–${of(comparison.highestAddedCpuMicros)})`,
      row.isOurs ? verdict(multiple <= maxSignatures, `≤ ${maxSignatures.toFixed(2)}`) : '',
    ])
  }
}

async function measureWarm(bench: Bench, row: ApiRow, authServer: AuthServer): Promise<Comparison> {
  const tokens = row.callers === 'signed in' ? await signInEverybody(authServer.url) : []
  const accessTokens = tokens.map(({ accessToken }) => accessToken)
  const server = await startApi(bench, row, {
    ...apiEnvironment(authServer),
    PUBLIC_JWK: JSON.stringify(await signingKey(authServer, accessTokens[0])),
  })
  try {
    const callers =
      row.callers === 'signed in'
        ? accessTokens.map(bearer)
        : await betterAuthCallers(`${server.url}/api/auth`)
    await requireGuarded(`${server.url}/guarded`, `${server.url}/open`, callers[0])
    const side = (path: string) =>
      httpSide(bench.generator, server, (seconds) => ({
        url: server.url + path,
        requests: callers,
        connections,
        seconds,
      }))
    return await compare(side('/guarded'), side('/open'), bench.plan)
  } finally {
    await server.stop()
  }
}

/** Measures new tokens. Each token is sent once, so the cache has no effect. The feed is real, and the issuer is that of the bench. */
async function measureCold(bench: Bench, row: ApiRow, authServer: AuthServer): Promise<Comparison> {
  const issuer = await startOneTimeIssuer()
  const server = await startApi(bench, row, {
    ...apiEnvironment(authServer),
    ISSUER: issuer.issuer,
    JWKS_URL: issuer.jwksUrl,
    PUBLIC_JWK: JSON.stringify(issuer.publicKey),
  })
  try {
    const [someone = '', ...others] = issuer.newTokens(51)
    await requireGuarded(`${server.url}/guarded`, `${server.url}/open`, bearer(someone))
    const open = httpSide(bench.generator, server, (seconds) => ({
      url: `${server.url}/open`,
      requests: others.map(bearer),
      connections,
      seconds,
    }))
    const guarded = httpSide(bench.generator, server, (seconds) => ({
      url: `${server.url}/guarded`,
      requests: issuer.newTokens(Math.ceil(seconds * coldPerSecond)).map(bearer),
      connections,
      once: true,
    }))
    return await compare(guarded, open, bench.plan)
  } finally {
    await server.stop()
    await issuer.stop()
  }
}

function startApi(bench: Bench, row: ApiRow, env: NodeJS.ProcessEnv): Promise<Server> {
  return startServer({
    script: join(root, 'bench', row.script),
    env: () => ({
      ...env,
      DATABASE_FILE: join(bench.workDir, `${row.name.replaceAll(/\W+/g, '-')}.db`),
      SECRET: 'only for the bench: better-auth wants 32',
      ...row.env,
    }),
    readyPath: '/open',
    logFile: join(bench.workDir, 'api.log'),
  })
}

/** Returns the public key that verifies this token. An API that fetches no keys would get it from its operator. */
async function signingKey({ url }: AuthServer, token: string | undefined): Promise<JsonWebKey | null> {
  if (token === undefined) return null
  const { kid } = decodeProtectedHeader(token)
  const { keys } = (await (await fetch(url + paths.jwks)).json()) as {
    keys: (JsonWebKey & { kid: string })[]
  }
  return keys.find((key) => key.kid === kid) ?? null
}

function bearer(token: string): LoadRequest {
  return { headers: { authorization: `Bearer ${token}` } }
}
