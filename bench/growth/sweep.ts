import { paths } from '@sallyport/protocol/endpoints'
import { openFile } from '../issuers/filled-database.ts'
import type { Callers, Calls, CallsOutcome } from '../measure/calls.ts'
import type { FilledAuthServer } from './filled-auth-server.ts'

/** The durations of refreshes, in milliseconds. `clearing` has those while old rows were deleted, and `quiet` has those before that. */
export type SweepOutcome = { clearing: number[]; quiet: number[]; clearingSeconds: number }

/** The duration of one measurement, in seconds. It is so short that a sweep runs either during the whole measurement or not at all. */
const sliceSeconds = 0.25

/** The maximum time to wait for the sweep, in seconds. The auth server sweeps once a minute. */
const longestWaitSeconds = 150

/** Refreshes without a pause until the server has deleted all sessions that ended long ago. */
export async function measureSweep(callers: Callers, server: FilledAuthServer): Promise<SweepOutcome> {
  const file = openFile(server.database)
  const left = file
    .prepare('select count(*) from session where "expiresAt" < ?')
    .pluck()
    .bind(Date.now() - 30 * 86_400_000)
  let calls: Calls & { kind: 'rotating' } = {
    kind: 'rotating',
    url: server.url + paths.refresh,
    // With so few connections, a refresh waits for the server, and not for other refreshes.
    connections: 2,
    refreshTokens: server.refreshTokens,
  }
  const outcome: SweepOutcome = { clearing: [], quiet: [], clearingSeconds: 0 }
  const deadline = performance.now() + longestWaitSeconds * 1000
  try {
    for (let before = Number(left.get()); before > 0; ) {
      const { refreshes }: Record<'refreshes', CallsOutcome> = await callers.run(
        { refreshes: calls },
        sliceSeconds,
      )
      calls = { ...calls, refreshTokens: refreshes.refreshTokens ?? [] }
      const after = Number(left.get())
      if (after < before) {
        outcome.clearing.push(...refreshes.latenciesMs)
        outcome.clearingSeconds += refreshes.seconds
      } else outcome.quiet.push(...refreshes.latenciesMs)
      before = after
      if (performance.now() > deadline)
        throw new Error(`${before} expired sessions are still there after ${longestWaitSeconds} s.`)
    }
    return outcome
  } finally {
    file.close()
  }
}
