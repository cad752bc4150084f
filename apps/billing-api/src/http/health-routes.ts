import { Router } from 'express'
import { BillingError } from '../billing-error.ts'
import type { Context } from './context.ts'
import { methodNotAllowed } from './problem.ts'

const readyWithinMs = 2_000

/**
 * `healthz` succeeds if the process runs. `readyz` succeeds if the database also responds and the verifier has the issuer's keys and
 * revocations.
 */
export function healthRoutes({ database, verifier }: Context): Router {
  const router = Router({ caseSensitive: true, strict: true })
  router
    .route('/healthz')
    .get((_req, res) => {
      res.json({ status: 'ok' })
    })
    .all(methodNotAllowed)
  router
    .route('/readyz')
    .get(async (_req, res) => {
      database.find('SELECT 1 FROM plan LIMIT 1')
      if (!(await within(readyWithinMs, verifier.ready()))) throw new BillingError('unavailable')
      res.json({ status: 'ready' })
    })
    .all(methodNotAllowed)
  return router
}

/** Returns whether `work` succeeds in time. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds)
  })
  const done = work.then(
    () => true,
    () => false,
  )
  return Promise.race([done, tooLate]).finally(() => clearTimeout(timer))
}
