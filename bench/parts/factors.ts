import { betterAuthMailedCode, betterAuthTotp } from '../factors/better-auth-ways.ts'
import { ourMailedCode, ourPasskey, ourPassword, ourTotp } from '../factors/our-ways.ts'
import { read, type Way } from '../factors/way.ts'
import { type Comparison, compare, type Round, type Side } from '../measure/compare.ts'
import { untilQuiet } from '../measure/load.ts'
import { percentile } from '../measure/percentile.ts'
import { type Column, count, cpuRatio, milliseconds } from '../report.ts'
import type { Bench, Part } from './part.ts'

type StartWay = (bench: Bench) => Promise<Way>

type FactorRow = { name: string; ours: StartWay; other: StartWay }

const rows: readonly FactorRow[] = [
  { name: 'password and TOTP, beside Better Auth (scrypt)', ours: ourTotp, other: betterAuthTotp },
  { name: 'mailed code, beside Better Auth', ours: ourMailedCode, other: betterAuthMailedCode },
  { name: 'passkey, beside our password alone', ours: ourPasskey, other: ourPassword },
]

const columns: readonly Column[] = [
  { title: 'p50 ms', width: 16 },
  { title: 'ratio', width: 7 },
  { title: '(lowest–highest)', width: 18 },
  { title: 'CPU µs each', width: 18 },
  { title: 'CPU ratio', width: 11 },
]

/** The number of sign-ins of each side in each round. */
const signIns = { quick: 5, otherwise: 25 }

export const factorsPart: Part = {
  // Each round has a number of sign-ins, so the seconds are not used.
  plan: { rounds: 5, seconds: 0, warmUpSeconds: 0 },
  quickPlan: { rounds: 1, seconds: 0, warmUpSeconds: 0 },
  async run(bench) {
    const wanted = rows.filter(({ name }) => bench.wants(name))
    if (wanted.length === 0) return
    const report = bench.table(
      'One sign-in with a second factor, a mailed code or a passkey, by one caller',
      columns,
    )
    for (const { name, ours, other } of wanted) {
      const comparison = await measure(bench, ours, other)
      report(name, cells(comparison), cpuRatio(comparison))
    }
  },
}

async function measure(bench: Bench, ours: StartWay, other: StartWay): Promise<Comparison> {
  const ourWay = await ours(bench)
  try {
    const otherWay = await other(bench)
    try {
      const size = bench.quick ? signIns.quick : signIns.otherwise
      return await compare(await signInSide(ourWay, size), await signInSide(otherWay, size), bench.plan)
    } finally {
      await otherWay.stop()
    }
  } finally {
    await ourWay.stop()
  }
}

/** Returns one side of a comparison: one sign-in after another. The rate of a round is that of a sign-in of the median duration. */
async function signInSide(way: Way, size: number): Promise<Side> {
  await requireRefused(way)
  return async () => {
    const prepared = await way.prepare(size)
    await untilQuiet(way.server)
    const durationsMs: number[] = []
    const before = await way.server.cpuMicros()
    for (const signIn of prepared) {
      const started = performance.now()
      const answer = await signIn('right')
      const body = await read<{ accessToken?: unknown; token?: unknown }>(answer)
      durationsMs.push(performance.now() - started)
      if (typeof (body.accessToken ?? body.token) !== 'string')
        throw new Error(`${answer.url} answered without a token.`)
    }
    const cpuMicros = (await way.server.cpuMicros()) - before
    return { perSecond: 1000 / percentile(durationsMs, 0.5), cpuMicrosEach: cpuMicros / size }
  }
}

/** Checks that a wrong proof is refused. A server that accepts it would be the fastest. */
async function requireRefused(way: Way): Promise<void> {
  for (const signIn of await way.prepare(1)) {
    const { url, status } = await signIn('wrong')
    if (status < 400 || status > 499)
      throw new Error(`${url} answers ${status} to a sign-in that it must refuse.`)
  }
}

function cells({ measured, baseline, share, lowestShare, highestShare }: Comparison): string[] {
  const p50 = ({ perSecond }: Round) => milliseconds(1000 / perSecond)
  return [
    `${p50(measured)} / ${p50(baseline)}`,
    (1 / share).toFixed(2),
    `(${(1 / highestShare).toFixed(2)}–${(1 / lowestShare).toFixed(2)})`,
    `${count(measured.cpuMicrosEach)} / ${count(baseline.cpuMicrosEach)}`,
    (measured.cpuMicrosEach / baseline.cpuMicrosEach).toFixed(2),
  ]
}
