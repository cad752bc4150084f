import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import {
  type AuthServer,
  apiEnvironment,
  newSecrets,
  startAuthServer,
  startAuthServerOn,
} from '../issuers/auth-server.ts'
import { files } from '../issuers/databases.ts'
import { fillDatabase } from '../issuers/filled-database.ts'
import { signInEverybody, signUpEverybody } from '../issuers/people.ts'
import { compare, type Side } from '../measure/compare.ts'
import { percentile } from '../measure/percentile.ts'
import { startWorker } from '../measure/worker.ts'
import { type Column, count, milliseconds, verdict } from '../report.ts'
import type { Holder } from '../revocation/memory.ts'
import { measureReach } from '../revocation/reach.ts'
import { root } from '../root.ts'
import type { Bench, Part } from './part.ts'

/** The number of revocations that are stored if a million users sign out within a quarter of an hour. */
const liveRevocations = 100_000

const reachRows = [
  { name: 'refused at 1 verifier', verifiers: 1, signOuts: 200, target: undefined },
  { name: 'refused at 10 verifiers', verifiers: 10, signOuts: 100, target: undefined },
  { name: 'refused at 100 verifiers', verifiers: 100, signOuts: 50, target: 15 },
]
const memoryRows: readonly { name: string; holder: Holder }[] = [
  { name: 'RevocationSet, filled directly', holder: 'set' },
  { name: 'a verifier, filled by the snapshot of its feed', holder: 'feed' },
]
const lookUpRows = [
  { name: 'one look-up (RevocationSet.findRefusal)', work: 'look-up' },
  { name: 'verify() of a remembered token, look-up included', work: 'verification' },
]

export const revocationPart: Part = {
  plan: { rounds: 5, seconds: 0.5, warmUpSeconds: 0.5 },
  async run(bench) {
    const reach = reachRows.filter(({ name }) => bench.wants(name))
    if (reach.length > 0) await reportReach(bench, reach)
    const memory = memoryRows.filter(({ name }) => bench.wants(name))
    if (memory.length > 0) await reportMemory(bench, memory)
    const lookUps = lookUpRows.filter(({ name }) => bench.wants(name))
    if (lookUps.length > 0) await reportLookUps(bench, lookUps)
  },
}

const reachColumns: readonly Column[] = [
  { title: 'p50 ms', width: 12 },
  { title: 'p99 ms', width: 12 },
  { title: 'longest', width: 10 },
  { title: 'aim', width: 10 },
  { title: 'sign-out p50 ms', width: 18 },
  { title: 'p99 / sign-out', width: 16 },
]

async function reportReach(bench: Bench, rows: typeof reachRows): Promise<void> {
  const report = bench.table(
    `From the answer of a sign-out to its refusal by every verifier (${bench.databases.kind})`,
    reachColumns,
  )
  const authServer = await startAuthServer(bench)
  try {
    await signUpEverybody(authServer.url)
    for (const { name, verifiers, signOuts, target } of rows) {
      const { answersMs, refusalsMs } = await measureReach(authServer, {
        verifiers,
        signOuts: bench.quick ? 5 : signOuts,
        workDir: bench.workDir,
      })
      const p99 = percentile(refusalsMs, 0.99)
      const signOut = percentile(answersMs, 0.5)
      report(name, [
        milliseconds(percentile(refusalsMs, 0.5)),
        milliseconds(p99),
        milliseconds(Math.max(...refusalsMs)),
        target === undefined ? '' : verdict(p99 < target, `< ${target}`),
        milliseconds(signOut),
        (p99 / signOut).toFixed(2),
      ])
    }
  } finally {
    await authServer.stop()
  }
}

const memoryColumns: readonly Column[] = [
  { title: 'bytes each', width: 12 },
  { title: 'bare Map', width: 12 },
  { title: 'ratio', width: 8 },
  { title: 'MB in all', width: 12 },
]

async function reportMemory(bench: Bench, rows: typeof memoryRows): Promise<void> {
  const report = bench.table(
    `Memory of ${count(liveRevocations)} live revocations, beside a Map from session id to time`,
    memoryColumns,
  )
  const authServer = await startWithRevocations(bench, liveRevocations)
  try {
    const bare = (await weigh(bench, authServer, 'map')) / liveRevocations
    for (const { name, holder } of rows) {
      const bytes = await weigh(bench, authServer, holder)
      const each = bytes / liveRevocations
      report(name, [count(each), count(bare), (each / bare).toFixed(2), (bytes / 1e6).toFixed(1)])
    }
  } finally {
    await authServer.stop()
  }
}

/**
 * Measures the memory of one holder of revocations, such as a `RevocationSet` or a verifier. Each holder has a separate process, so that
 * the memory of one does not affect the next.
 */
async function weigh(bench: Bench, authServer: AuthServer, holder: Holder): Promise<number> {
  const worker = startWorker(join(root, 'bench/revocation/memory.ts'), {
    env: apiEnvironment(authServer),
    logFile: join(bench.workDir, 'memory.log'),
  })
  try {
    const { bytes } = await worker.ask<{ bytes: number }>({ holder, count: liveRevocations })
    return bytes
  } finally {
    await worker.stop()
  }
}

/** Starts an auth server on a file whose revocation log is already filled. */
async function startWithRevocations({ workDir }: Bench, entries: number): Promise<AuthServer> {
  const database = await files(workDir).fresh()
  await fillDatabase(database, { revocation: revocations(entries) })
  return startAuthServerOn(database, newSecrets(), workDir)
}

function* revocations(entries: number) {
  const until = Date.now() + 3_600_000
  for (let index = 0; index < entries; index++) yield { sid: randomUUID(), until }
}

const lookUpColumns: readonly Column[] = [
  { title: `ns, ${count(liveRevocations)}`, width: 14 },
  { title: 'ns, none', width: 12 },
  { title: 'ratio', width: 8 },
  { title: '(lowest–highest)', width: 18 },
]

async function reportLookUps(bench: Bench, rows: typeof lookUpRows): Promise<void> {
  const report = bench.table(
    `What a look-up costs each verification, with ${count(liveRevocations)} live revocations and with none`,
    lookUpColumns,
  )
  const authServer = await startAuthServer({ workDir: bench.workDir, databases: files(bench.workDir) })
  try {
    await signUpEverybody(authServer.url)
    const tokens = await signInEverybody(authServer.url)
    const worker = startWorker(join(root, 'bench/revocation/look-up.ts'), {
      env: {
        ...apiEnvironment(authServer),
        TOKENS: JSON.stringify(tokens.map(({ accessToken }) => accessToken)),
      },
      logFile: join(bench.workDir, 'look-up.log'),
    })
    try {
      for (const { name, work } of rows) {
        const side =
          (entries: number): Side =>
          async (seconds) => {
            const outcome = await worker.ask<{ answers: number; seconds: number }>({ work, entries, seconds })
            return { perSecond: outcome.answers / outcome.seconds, cpuMicrosEach: 0 }
          }
        const filled = await compare(side(liveRevocations), side(0), bench.plan)
        report(name, [
          nanoseconds(filled.measured.perSecond),
          nanoseconds(filled.baseline.perSecond),
          (1 / filled.share).toFixed(2),
          `(${(1 / filled.highestShare).toFixed(2)}–${(1 / filled.lowestShare).toFixed(2)})`,
        ])
      }
    } finally {
      await worker.stop()
    }
  } finally {
    await authServer.stop()
  }
}

function nanoseconds(perSecond: number): string {
  return count(1e9 / perSecond)
}
