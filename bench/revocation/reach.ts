import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import { type AuthServer, apiEnvironment } from '../issuers/auth-server.ts'
import { people, post, signIn } from '../issuers/people.ts'
import { startWorker, type Worker } from '../measure/worker.ts'
import { root } from '../root.ts'
import { sharedNow } from './clock.ts'

/**
 * `answersMs` has the time until the response of each sign-out. `refusalsMs` has the time from that response until each verifier refused
 * the token. Both are in milliseconds.
 */
export type Reach = { answersMs: number[]; refusalsMs: number[] }

/** The number of verifiers in one process. So a hundred verifiers run in five processes. */
const eachProcess = 20

/** Signs users out one after the other, and measures when this many verifiers refuse their tokens. */
export async function measureReach(
  authServer: AuthServer,
  { verifiers, signOuts, workDir }: { verifiers: number; signOuts: number; workDir: string },
): Promise<Reach> {
  const workers = Array.from({ length: Math.ceil(verifiers / eachProcess) }, () =>
    startWorker(join(root, 'bench/revocation/verifiers.ts'), {
      env: apiEnvironment(authServer),
      logFile: join(workDir, 'verifiers.log'),
    }),
  )
  const reach: Reach = { answersMs: [], refusalsMs: [] }
  try {
    await Promise.all(workers.map((worker) => worker.ask({ open: verifiers / workers.length })))
    // The first sign-out is the warm-up.
    for (let count = -1; count < signOuts; count++) {
      const { answerMs, refusalsMs } = await signOutOnce(authServer, workers, count)
      if (count < 0) continue
      reach.answersMs.push(answerMs)
      reach.refusalsMs.push(...refusalsMs)
    }
    return reach
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()))
  }
}

async function signOutOnce({ url }: AuthServer, workers: readonly Worker[], count: number) {
  const person = people[(count + people.length) % people.length]
  if (person === undefined) throw new Error('There is no user to sign out.')
  const { accessToken, refreshToken } = await signIn(url, person)
  await Promise.all(workers.map((worker) => worker.ask({ accept: accessToken })))
  const refusals = Promise.all(workers.map((worker) => worker.ask<number[]>('refusals')))
  const asked = sharedNow()
  await post(url + paths.signOut, { refreshToken })
  const answered = sharedNow()
  const refusalsMs = (await refusals).flat().map((at) => at - answered)
  return { answerMs: answered - asked, refusalsMs }
}
