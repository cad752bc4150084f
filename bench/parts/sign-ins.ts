import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { hash } from '@node-rs/argon2'
import { headers as headerNames } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { startAuthServer } from '../issuers/auth-server.ts'
import { betterAuthCallers } from '../issuers/better-auth.ts'
import { people, post, signIn, signUpEverybody } from '../issuers/people.ts'
import { type Comparison, compare, type Side } from '../measure/compare.ts'
import { httpSide, jsonPost, type LoadRequest } from '../measure/load.ts'
import { type Server, startServer } from '../measure/server.ts'
import { startWorker } from '../measure/worker.ts'
import { workingSide } from '../measure/working.ts'
import { type Aim, cpuRatio, shareCells, shareColumns } from '../report.ts'
import { root } from '../root.ts'
import type { Bench, Part } from './part.ts'

/** The parameters of the auth server's hashes. */
const argon2id = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** The number of connections. So many that a sign-in always waits in the queue, and so few that no sign-in is refused. */
const connections = 8 * availableParallelism()

/** Better Auth hashes all sign-ins at the same time on one thread, so more sign-ins would only wait longer. */
const betterAuthConnections = availableParallelism()

const signInNames = {
  known: '@sallyport/server: POST /api/auth/login, in a known browser',
  new: '@sallyport/server: POST /api/auth/login, in a new browser each time',
}
const signUpName = '@sallyport/server: POST /api/auth/register'
const bareLimitName = 'bare limit: the same hash, one durable row, one ES256 signature'
const betterAuthName = 'Better Auth: POST /sign-in/email (scrypt)'

/** The number of sign-ups per second for which addresses are prepared. A round ends when all addresses have been used. */
const signUpsPerSecond = 40 * availableParallelism()

type SignInRow = {
  name: string
  measure: (bench: Bench, bare: Side, hashed: string) => Promise<Comparison>
  isOurs?: true
  aim?: Aim
}

const rows: readonly SignInRow[] = [
  {
    name: signInNames.known,
    measure: (bench, bare) => measureSignIns(bench, bare, () => newDevice()),
    ...{ isOurs: true, aim: { share: 0.92 } },
  },
  {
    name: signInNames.new,
    measure: (bench, bare) => measureSignIns(bench, bare, () => null),
    ...{ isOurs: true, aim: { share: 0.92 } },
  },
  { name: signUpName, measure: measureSignUps, isOurs: true },
  { name: bareLimitName, measure: measureBareLimit },
  { name: betterAuthName, measure: measureBetterAuth },
]

export const signInsPart: Part = {
  plan: { rounds: 5, seconds: 2.5, warmUpSeconds: 3 },
  quickPlan: { rounds: 1, seconds: 2, warmUpSeconds: 0 },
  async run(bench) {
    const wanted = rows.filter(({ name }) => bench.wants(name))
    if (wanted.length === 0) return
    const report = bench.table(
      'Sign-ins and sign-ups a second as a share of bare argon2id on the same cores',
      shareColumns('ours/s', 'argon2id/s'),
    )
    const password = people[0]?.password ?? ''
    const hashed = await hash(password, argon2id)
    const bare = startWorker(join(root, 'bench/sign-ins/bare-argon2.ts'), {
      env: { HASH: hashed, PASSWORD: password },
      logFile: join(bench.workDir, 'bare-argon2.log'),
    })
    try {
      for (const { name, measure, isOurs, aim } of wanted) {
        const comparison = await measure(bench, workingSide(bare), hashed)
        report(name, shareCells(comparison, aim), isOurs && cpuRatio(comparison))
      }
    } finally {
      await bare.stop()
    }
  },
}

/** Returns a new device cookie, as a browser gets it at its first sign-in. */
function newDevice(): string {
  return randomBytes(24).toString('base64url')
}

/**
 * `deviceOf` returns the device cookie that a user's browser has from the first round on. If it returns null, each sign-in comes from a new
 * browser.
 */
async function measureSignIns(bench: Bench, bare: Side, deviceOf: () => string | null): Promise<Comparison> {
  const server = await startAuthServer(bench)
  try {
    await signUpEverybody(server.url)
    const signIns = people.map(({ email, password }) => {
      const device = deviceOf()
      const request = jsonPost({ email, password, transport: 'bearer' })
      return { ...request, headers: { ...request.headers, ...(device && { [headerNames.device]: device }) } }
    })
    const url = server.url + paths.signIn
    await requireRefused(url, { ...people[0], password: 'another password than theirs', transport: 'bearer' })
    return await compare(signInSide(bench, server, { url, requests: signIns, connections }), bare, bench.plan)
  } finally {
    await server.stop()
  }
}

/**
 * Measures sign-ups. Each address is used once. A sign-up needs one hash, like a sign-in, and also writes the rows of a new account and of
 * its first session.
 */
async function measureSignUps(bench: Bench, bare: Side): Promise<Comparison> {
  const server = await startAuthServer(bench)
  try {
    const url = server.url + paths.signUp
    const newcomer = () => ({
      email: `${randomUUID()}@example.com`,
      password: 'open the second door',
      name: 'Newcomer',
    })
    await requireRefused(url, { ...newcomer(), password: 'short', transport: 'bearer' })
    const person = newcomer()
    await post(url, { ...person, transport: 'bearer' })
    await signIn(server.url, person)
    const side = httpSide(bench.generator, server, (seconds) => ({
      url,
      requests: Array.from({ length: Math.ceil(seconds * signUpsPerSecond) }, () =>
        jsonPost({ ...newcomer(), transport: 'bearer' }),
      ),
      connections,
      once: true,
    }))
    return await compare(side, bare, bench.plan)
  } finally {
    await server.stop()
  }
}

/** Measures the same requests at a server that does only what every sign-in must do. */
async function measureBareLimit(bench: Bench, bare: Side, hashed: string): Promise<Comparison> {
  const server = await startServer({
    script: join(root, 'bench/sign-ins/bare-limit.ts'),
    env: () => ({
      DATA_DIR: mkdtempSync(join(bench.workDir, 'data-')),
      HASH: hashed,
    }),
    readyPath: paths.ready,
    logFile: join(bench.workDir, 'bare-limit.log'),
  })
  try {
    const url = server.url + paths.signIn
    await requireRefused(url, { ...people[0], password: 'another password than theirs' })
    const requests = [jsonPost({ ...people[0] })]
    return await compare(signInSide(bench, server, { url, requests, connections }), bare, bench.plan)
  } finally {
    await server.stop()
  }
}

/** Checks that wrong passwords are refused. A server that accepts them would be the fastest. */
async function requireRefused(url: string, body: object): Promise<void> {
  const { headers, body: text } = jsonPost(body)
  const { status } = await fetch(url, { method: 'POST', headers: headers ?? {}, body: text ?? '' })
  if (status < 400 || status > 499)
    throw new Error(`${url} answers ${status} to a request that it must refuse.`)
}

async function measureBetterAuth(bench: Bench, bare: Side): Promise<Comparison> {
  const server = await startServer({
    script: join(root, 'bench/peers/api/better-auth.mjs'),
    env: () => ({
      DATABASE_FILE: join(bench.workDir, 'better-auth-sign-ins.db'),
      SECRET: 'only for the bench: a secret wants 32',
    }),
    readyPath: '/open',
    logFile: join(bench.workDir, 'better-auth.log'),
  })
  try {
    await betterAuthCallers(`${server.url}/api/auth`)
    const signIns = people.map(({ email, password }) => jsonPost({ email, password }, server.url))
    const side = signInSide(bench, server, {
      url: `${server.url}/api/auth/sign-in/email`,
      requests: signIns,
      connections: betterAuthConnections,
    })
    return await compare(side, bare, bench.plan)
  } finally {
    await server.stop()
  }
}

type SignIns = { url: string; requests: readonly LoadRequest[]; connections: number }

function signInSide(bench: Bench, server: Server, signIns: SignIns): Side {
  return httpSide(bench.generator, server, (seconds) => ({ ...signIns, seconds }))
}
