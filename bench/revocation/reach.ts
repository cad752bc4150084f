import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import { type AuthServer, apiEnvironment } from '../issuers/auth-server.ts'
import { people, post, signIn } from '../issuers/people.ts'
import { startWorker, type Worker } from '../measure/worker.ts'
import { root } from '../root.ts'
import { sharedNow } from './clock.ts'

/** Milliseconds: how long the response of each sign-out took, and how much later each verifier refused. */
export type Reach = { answersMs: number[]; refusalsMs: number[] }

/** Verifiers in one process; a hundred of them are five processes. */
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
    // The first one is the warm-up.
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
