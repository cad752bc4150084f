import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import { authServerScript, newSecrets, startAuthServer } from '../issuers/auth-server.ts'
import type { DatabaseEnvironment } from '../issuers/databases.ts'
import { people, signInEverybody, signUpEverybody } from '../issuers/people.ts'
import { type Callers, type Calls, startCallers } from '../measure/calls.ts'
import { jsonPost } from '../measure/load.ts'
import { memoryDuring } from '../measure/memory.ts'
import { percentile } from '../measure/percentile.ts'
import { type Server, type ServerScript, startServer } from '../measure/server.ts'
import { timeStart } from '../measure/start.ts'
import { type Column, milliseconds, verdict } from '../report.ts'
import { root } from '../root.ts'
import type { Bench, Part } from './part.ts'

const memoryName = '@sallyport/server: sign-ins and refreshes'
const startNames = {
  again: '@sallyport/server: on a database that is there',
  first: '@sallyport/server: on an empty database',
}
const maxMegabytes = 120
const maxStartMs = 1_000

export const serverPart: Part = {
  // `rounds` is how often the server is started, and `seconds` is how long the load takes.
  plan: { rounds: 7, seconds: 10, warmUpSeconds: 2 },
  quickPlan: { rounds: 1, seconds: 2, warmUpSeconds: 1 },
  async run(bench) {
    if (bench.wants(memoryName)) await reportMemory(bench)
    const starts = Object.values(startNames).filter((name) => bench.wants(name))
    if (starts.length > 0) await reportStarts(bench, starts)
  },
}

const memoryColumns: readonly Column[] = [
  { title: 'MB at first', width: 13 },
  { title: 'p50 MB', width: 9 },
  { title: 'most MB', width: 9 },
  { title: 'bare: most MB', width: 15 },
  { title: 'ratio', width: 7 },
  { title: 'aim', width: 10 },
]

/**
 * Measures the memory while the server gets as many refreshes as it can process, and as many sign-ins as its queue accepts. Each sign-in
 * computes its hash in a separate 19 MiB.
 */
async function reportMemory(bench: Bench): Promise<void> {
  const report = bench.table(
    `Memory of the auth server under load, beside the bare limit of refreshes (${bench.databases.kind})`,
    memoryColumns,
  )
  const callers = startCallers(join(bench.workDir, 'callers.log'))
  try {
    const bare = await bareMemory(bench, callers)
    const { atFirst, samples } = await ourMemory(bench, callers)
    const most = Math.max(...samples)
    report(memoryName, [
      megabytes(atFirst),
      megabytes(percentile(samples, 0.5)),
      megabytes(most),
      megabytes(bare),
      (most / bare).toFixed(2),
      verdict(most <= maxMegabytes * 1e6, `≤ ${maxMegabytes}`),
    ])
  } finally {
    await callers.stop()
  }
}

async function ourMemory(
  bench: Bench,
  callers: Callers,
): Promise<{ atFirst: number; samples: readonly number[] }> {
  const server = await startAuthServer(bench)
  try {
    const atFirst = await server.rssBytes()
    await signUpEverybody(server.url)
    const tokens = await signInEverybody(server.url)
    const refreshes = rotating(
      server,
      tokens.map(({ refreshToken }) => refreshToken),
    )
    const samples = await memoryDuring(server, () =>
      Promise.all([
        callers.run({ refreshes }, bench.plan.seconds),
        bench.generator.run({
          url: server.url + paths.signIn,
          requests: people.map(({ email, password }) => jsonPost({ email, password, transport: 'bearer' })),
          connections: 8 * availableParallelism(),
          seconds: bench.plan.seconds,
        }),
      ]),
    )
    return { atFirst, samples }
  } finally {
    await server.stop()
  }
}

async function bareMemory(bench: Bench, callers: Callers): Promise<number> {
  const server = await startServer(bareScript(await bench.databases.fresh(), bench.workDir))
  try {
    const refreshes = rotating(
      server,
      people.map((_, index) => `${index}.0.`.padEnd(72, 'x')),
    )
    return Math.max(
      ...(await memoryDuring(server, () => callers.run({ refreshes }, bench.plan.warmUpSeconds))),
    )
  } finally {
    await server.stop()
  }
}

function rotating({ url }: Server, refreshTokens: readonly string[]): Calls {
  return { kind: 'rotating', url: url + paths.refresh, connections: 8, refreshTokens }
}

const startColumns: readonly Column[] = [
  { title: 'p50 ms', width: 10 },
  { title: 'longest ms', width: 12 },
  { title: 'bare: p50 ms', width: 14 },
  { title: 'ratio', width: 7 },
  { title: 'aim', width: 12 },
]

/**
 * Measures each start of our server next to a start of the bare server, which opens the same kind of database and uses the same HTTP
 * library.
 */
async function reportStarts(bench: Bench, names: readonly string[]): Promise<void> {
  const report = bench.table(
    `From the start of the auth server to its first answer (${bench.databases.kind})`,
    startColumns,
  )
  for (const name of names) {
    const secrets = newSecrets()
    const kept = await bench.databases.fresh()
    const ours = async () =>
      timeStart(
        await authServerScript(
          name === startNames.again ? kept : await bench.databases.fresh(),
          secrets,
          bench.workDir,
        ),
      )
    if (name === startNames.again) await ours()
    const took: number[] = []
    const bare: number[] = []
    for (let round = 0; round < bench.plan.rounds; round++) {
      bare.push(await timeStart(bareScript(await bench.databases.fresh(), bench.workDir)))
      took.push(await ours())
    }
    const [p50, bareP50] = [percentile(took, 0.5), percentile(bare, 0.5)]
    report(name, [
      milliseconds(p50),
      milliseconds(Math.max(...took)),
      milliseconds(bareP50),
      (p50 / bareP50).toFixed(2),
      verdict(p50 < maxStartMs, `< ${maxStartMs}`),
    ])
  }
}

function bareScript(database: DatabaseEnvironment, workDir: string): ServerScript {
  return {
    script: join(root, 'bench/refreshes/bare-limit.ts'),
    env: () => ({ ...database, SESSIONS: String(people.length) }),
    readyPath: paths.ready,
    logFile: join(workDir, 'bare-limit.log'),
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0)
}
