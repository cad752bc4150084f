import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import { type FilledAuthServer, startFilledAuthServer } from '../growth/filled-auth-server.ts'
import { signOutSide } from '../growth/sign-outs.ts'
import { measureSweep } from '../growth/sweep.ts'
import { type Callers, callsSide, startCallers } from '../measure/calls.ts'
import { type Comparison, compare, type Side } from '../measure/compare.ts'
import { percentile } from '../measure/percentile.ts'
import { type Column, count, milliseconds, verdict } from '../report.ts'
import type { Bench, Part } from './part.ts'

/** The numbers of sessions in the tables. The larger tables are compared with the first one. */
const sizes = [1_000, 100_000, 1_000_000]
const quickSizes = [1_000, 5_000, 20_000]

/**
 * The number of sessions that take turns. These are all sessions of the smallest table, and as many sessions from all parts of a larger
 * table.
 */
const picked = 1_000
const connections = 4
const maxCost = 1.3

const expired = 200_000
const quickExpired = 5_000
const sweepName = 'refreshes while expired sessions are cleared'

type Operation = { name: string; side: (callers: Callers, server: FilledAuthServer) => Side }

const operations: readonly Operation[] = [
  {
    name: 'refresh',
    side: (callers, server) =>
      callsSide(callers, server, {
        kind: 'rotating',
        url: server.url + paths.refresh,
        connections,
        refreshTokens: server.refreshTokens,
      }),
  },
  { name: 'sign-out', side: (callers, server) => signOutSide(callers, server, connections) },
]

export const growthPart: Part = {
  plan: { rounds: 9, seconds: 1, warmUpSeconds: 1.5 },
  async run(bench) {
    const larger = (bench.quick ? quickSizes : sizes).slice(1)
    // Refreshes are measured first, because sessions that are opened again after a sign-out could behave differently.
    const rows = operations
      .flatMap((operation) =>
        larger.map((sessions) => ({ operation, sessions, name: rowName(operation, sessions) })),
      )
      .filter(({ name }) => bench.wants(name))
    const callers = startCallers(join(bench.workDir, 'callers.log'))
    const expiring = bench.wants(sweepName)
    // The server sweeps a minute after its start. With --quick, it starts before the other rows are measured, so that this minute passes
    // meanwhile.
    let sweeping = expiring && bench.quick ? await startExpired(bench) : undefined
    try {
      if (rows.length > 0) await reportCost(bench, callers, rows)
      if (!expiring) return
      sweeping ??= await startExpired(bench)
      await reportSweep(bench, callers, sweeping)
    } finally {
      await sweeping?.stop()
      await callers.stop()
    }
  },
}

function rowName({ name }: Operation, sessions: number): string {
  return `${name}, ${count(sessions)} sessions`
}

const costColumns: readonly Column[] = [
  { title: 'here/s', width: 12 },
  { title: 'at 1,000/s', width: 12 },
  { title: 'cost', width: 7 },
  { title: '(lowest–highest)', width: 18 },
  { title: 'aim', width: 10 },
  { title: 'CPU µs each', width: 16 },
]

type CostRow = { name: string; operation: Operation; sessions: number }

async function reportCost(bench: Bench, callers: Callers, rows: readonly CostRow[]): Promise<void> {
  const report = bench.table(
    `What one costs as the table grows, beside ${count(picked)} sessions (sqlite)`,
    costColumns,
  )
  const servers = new Map<number, FilledAuthServer>()
  try {
    for (const sessions of [picked, ...new Set(rows.map((row) => row.sessions))])
      servers.set(sessions, await startFilledAuthServer({ sessions }, { picked, workDir: bench.workDir }))
    for (const operation of new Set(rows.map((row) => row.operation))) {
      // There is one side for each server and operation, because the sessions continue with their current tokens.
      const sides = new Map(
        [...servers].map(([sessions, server]) => [sessions, operation.side(callers, server)]),
      )
      for (const { name, sessions } of rows.filter((row) => row.operation === operation)) {
        const [here, small] = [sides.get(sessions), sides.get(picked)]
        if (here === undefined || small === undefined) throw new Error(`No server has ${sessions} sessions.`)
        report(name, costCells(await compare(here, small, bench.plan)))
      }
    }
  } finally {
    for (const server of servers.values()) await server.stop()
  }
}

/** Returns the cells of a cost, which is the inverse of a rate. */
function costCells({ measured, baseline, share, lowestShare, highestShare }: Comparison): string[] {
  const cost = 1 / share
  return [
    count(measured.perSecond),
    count(baseline.perSecond),
    cost.toFixed(2),
    `(${(1 / highestShare).toFixed(2)}–${(1 / lowestShare).toFixed(2)})`,
    verdict(cost <= maxCost, `≤ ${maxCost.toFixed(2)}`),
    `${count(measured.cpuMicrosEach)} / ${count(baseline.cpuMicrosEach)}`,
  ]
}

const sweepColumns: readonly Column[] = [
  { title: 'p50 ms', width: 16 },
  { title: 'p99 ms', width: 16 },
  { title: 'ratio', width: 8 },
  { title: 'longest ms', width: 18 },
]

function startExpired(bench: Bench): Promise<FilledAuthServer> {
  return startFilledAuthServer(
    { sessions: picked, expired: expiredCount(bench) },
    { picked, workDir: bench.workDir },
  )
}

function expiredCount({ quick }: Bench): number {
  return quick ? quickExpired : expired
}

async function reportSweep(bench: Bench, callers: Callers, server: FilledAuthServer): Promise<void> {
  const report = bench.table(
    `How long refreshes take while ${count(expiredCount(bench))} expired sessions are cleared, and before (sqlite)`,
    sweepColumns,
  )
  const { clearing, quiet, clearingSeconds } = await measureSweep(callers, server)
  const both = (of: (values: readonly number[]) => number) =>
    `${milliseconds(of(clearing))} / ${milliseconds(of(quiet))}`
  const at = (share: number) => (values: readonly number[]) => percentile(values, share)
  report(sweepName, [
    both(at(0.5)),
    both(at(0.99)),
    (percentile(clearing, 0.99) / percentile(quiet, 0.99)).toFixed(2),
    both(at(1)),
  ])
  bench.note(
    `The sweep took ${clearingSeconds.toFixed(1)} s; ${count(clearing.length)} refreshes meanwhile, ${count(quiet.length)} before.`,
  )
}
