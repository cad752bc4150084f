import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import { inFlood, measureQueue } from '../flood/sign-in-flood.ts'
import { type AuthServer, apiEnvironment, startAuthServer } from '../issuers/auth-server.ts'
import { signInEverybody, signUpEverybody } from '../issuers/people.ts'
import { type Arrivals, type FloodOutcome, startArrivals } from '../measure/arrivals.ts'
import { type Callers, type Calls, type CallsOutcome, startCallers } from '../measure/calls.ts'
import { comparisonOf } from '../measure/compare.ts'
import { requireGuarded } from '../measure/guarded.ts'
import { untilQuiet } from '../measure/load.ts'
import { percentile } from '../measure/percentile.ts'
import { type Server, startServer } from '../measure/server.ts'
import { type Column, count, milliseconds, verdict } from '../report.ts'
import { root } from '../root.ts'
import type { Bench, Part } from './part.ts'

/** The kinds of work that run at the same time. Each row shows the result of one of them. */
const rows = {
  refreshes: { name: 'refreshes', target: 0.6 },
  verifications: { name: 'verifications, at an API in another process', target: 0.95 },
  healthChecks: { name: 'health checks of the auth server', target: 0.85 },
}
type Work = keyof typeof rows
type Round = Record<Work, CallsOutcome>

const columns: readonly Column[] = [
  { title: 'in the flood/s', width: 15 },
  { title: 'without/s', width: 12 },
  { title: 'share', width: 7 },
  { title: '(lowest–highest)', width: 18 },
  { title: 'aim', width: 8 },
  { title: 'p50 ms', width: 16 },
  { title: 'p99 ms', width: 16 },
]

export const floodPart: Part = {
  plan: { rounds: 5, seconds: 3, warmUpSeconds: 2 },
  quickPlan: { rounds: 1, seconds: 1, warmUpSeconds: 2 },
  async run(bench) {
    const wanted = (Object.keys(rows) as Work[]).filter((work) => bench.wants(rows[work].name))
    if (wanted.length === 0) return
    const report = bench.table(
      `While sign-ins flood the auth server, as a share of what it does without them (${bench.databases.kind})`,
      columns,
    )
    const { pairs, floods } = await measure(bench)
    for (const work of wanted) report(rows[work].name, cells(pairs, work))
    bench.note(floodSentence(floods))
  },
}

type Pair = { flooded: Round; calm: Round }

async function measure(bench: Bench): Promise<{ pairs: Pair[]; floods: FloodOutcome[] }> {
  const authServer = await startAuthServer(bench)
  const callers = startCallers(join(bench.workDir, 'callers.log'))
  const arrivals = startArrivals(join(bench.workDir, 'arrivals.log'))
  let api: Server | undefined
  try {
    api = await startServer({
      script: join(root, 'bench/api/express.ts'),
      env: () => apiEnvironment(authServer),
      readyPath: '/open',
      logFile: join(bench.workDir, 'api.log'),
    })
    return await measureRounds(bench, { authServer, api, callers, arrivals })
  } finally {
    await Promise.all([api?.stop(), arrivals.end(), callers.stop()])
    await authServer.stop()
  }
}

type Processes = { authServer: AuthServer; api: Server; callers: Callers; arrivals: Arrivals }

async function measureRounds({ plan, generator }: Bench, { authServer, api, callers, arrivals }: Processes) {
  await signUpEverybody(authServer.url)
  const queuePerSecond = await measureQueue(generator, authServer, plan.warmUpSeconds)
  let calls = await everydayCalls(authServer, api)
  const pairs: Pair[] = []
  const floods: FloodOutcome[] = []

  async function everyday(seconds: number): Promise<Round> {
    const round = await callers.run(calls, seconds)
    const { refreshTokens = [] } = round.refreshes
    calls = { ...calls, refreshes: { ...calls.refreshes, refreshTokens } }
    return round
  }
  async function calm(seconds: number): Promise<Round> {
    await untilQuiet(authServer)
    return everyday(seconds)
  }
  async function flooded(seconds: number): Promise<Round> {
    await untilQuiet(authServer)
    const { result, flood } = await inFlood({ arrivals, authServer, queuePerSecond }, () => everyday(seconds))
    floods.push(flood)
    return result
  }

  await calm(plan.warmUpSeconds)
  for (let round = 0; round < plan.rounds; round++) {
    if (round % 2 === 0) {
      const first = await calm(plan.seconds)
      pairs.push({ calm: first, flooded: await flooded(plan.seconds) })
    } else {
      const first = await flooded(plan.seconds)
      pairs.push({ flooded: first, calm: await calm(plan.seconds) })
    }
  }
  return { pairs, floods }
}

/** Returns the calls of the normal work of an auth server and an API, on a few connections each. */
async function everydayCalls(authServer: AuthServer, api: Server) {
  const tokens = await signInEverybody(authServer.url)
  const verifications = tokens.map(({ accessToken }) => ({
    headers: { authorization: `Bearer ${accessToken}` },
  }))
  await requireGuarded(`${api.url}/guarded`, `${api.url}/open`, verifications[0])
  return {
    refreshes: {
      kind: 'rotating',
      url: authServer.url + paths.refresh,
      connections: 8,
      refreshTokens: tokens.map(({ refreshToken }) => refreshToken),
    },
    verifications: {
      kind: 'endless',
      url: `${api.url}/guarded`,
      connections: 2,
      requests: verifications,
    },
    healthChecks: {
      kind: 'endless',
      url: authServer.url + paths.health,
      connections: 1,
      requests: [{}],
    },
  } satisfies Record<Work, Calls>
}

function cells(pairs: readonly Pair[], work: Work): string[] {
  const rate = ({ answers, seconds }: CallsOutcome) => ({ perSecond: answers / seconds, cpuMicrosEach: 0 })
  const { measured, baseline, share, lowestShare, highestShare } = comparisonOf(
    pairs.map(({ flooded, calm }) => ({ measured: rate(flooded[work]), baseline: rate(calm[work]) })),
  )
  const { target } = rows[work]
  const latencies = (side: keyof Pair, at: number) =>
    milliseconds(
      percentile(
        pairs.flatMap((pair) => pair[side][work].latenciesMs),
        at,
      ),
    )
  return [
    count(measured.perSecond),
    count(baseline.perSecond),
    share.toFixed(2),
    `(${lowestShare.toFixed(2)}–${highestShare.toFixed(2)})`,
    verdict(share >= target, target.toFixed(2)),
    `${latencies('flooded', 0.5)} / ${latencies('calm', 0.5)}`,
    `${latencies('flooded', 0.99)} / ${latencies('calm', 0.99)}`,
  ]
}

function floodSentence(floods: readonly FloodOutcome[]): string {
  const sum = (read: (flood: FloodOutcome) => number) =>
    floods.reduce((total, flood) => total + read(flood), 0)
  const seconds = sum((flood) => flood.seconds)
  const each = (total: number) => count(total / seconds)
  const [sent, accepted, turnedAway] = [
    sum((flood) => flood.sent),
    sum((flood) => flood.accepted),
    sum((flood) => flood.turnedAway),
  ]
  return `The flood: ${each(sent)} sign-ins arrived per second, which is three for each sign-in that the queue accepts without other work. ${each(accepted)} were accepted, and ${each(turnedAway)} were refused with 503 and Retry-After (${count(turnedAway)} in total). The rest still waited at the end, and none failed.`
}
