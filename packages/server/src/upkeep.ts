import { backgroundFault } from './background-fault.ts'
import { deleteDueAccounts } from './flows/account/delete-account.ts'
import { purge } from './flows/operator/purge.ts'
import { retryAfterSignUp } from './flows/sign-in/after-sign-up.ts'
import type { RequestLog } from './http/request-log.ts'
import type { Context } from './services/context.ts'
import { noteSecrets } from './services/open-keyring.ts'
import { isUnavailable } from './store/database.ts'

/** Milliseconds between two passes. */
const upkeepEveryMs = 60_000

/**
 * Starts the maintenance, which runs every minute: deletes expired rows and accounts whose deletion time has come, reads the keys again,
 * and sends mail.
 */
export function startUpkeep(context: Context, log: RequestLog): { run(): Promise<void>; stop(): void } {
  const work = {
    'signing keys': () => context.signingKeys.reload(),
    purge: () => purge(context),
    secrets: () => noteSecrets(context),
    'deletion of accounts': () => deleteDueAccounts(context),
    mail: async () => context.mailer.wake(),
    // This runs last, because the app decides how long its hook takes.
    'hook afterSignUp': () => retryAfterSignUp(context),
  }
  let pass: Promise<void> | null = null

  /** Runs one pass. Only one pass runs at a time. A call during a pass waits for that pass. */
  function run(): Promise<void> {
    pass ??= runOnce().finally(() => {
      pass = null
    })
    return pass
  }

  async function runOnce(): Promise<void> {
    for (const [name, task] of Object.entries(work)) {
      try {
        await task()
      } catch (error) {
        backgroundFault(name, log, context.metrics)(error)
        // The next task would wait for the database just as long. The next pass follows one minute later.
        if (isUnavailable(error)) return
      }
    }
  }

  const timer = setInterval(() => void run(), upkeepEveryMs)
  timer.unref()
  return { run, stop: () => clearInterval(timer) }
}
