import { backgroundFault } from './background-fault.ts'
import { deleteDueAccounts } from './flows/account/delete-account.ts'
import { removeDueFactors } from './flows/operator/factors.ts'
import { purge } from './flows/operator/purge.ts'
import { deleteOrganizationsThatAreDue } from './flows/organization/organizations.ts'
import { retryAfterSignUp } from './flows/sign-in/after-sign-up.ts'
import type { RequestLog } from './http/request-log.ts'
import type { Context } from './services/context.ts'
import { noteSecrets } from './services/open-keyring.ts'
import { isUnavailable } from './store/database.ts'

/** Milliseconds between two runs of the maintenance. */
const upkeepEveryMs = 60_000

/**
 * Starts the maintenance, which runs every minute. It deletes expired rows and accounts and second factors that are due for deletion, reads the signing keys
 * again, sends mails, and repeats failed calls of the hook `afterSignUp`.
 */
export function startUpkeep(context: Context, log: RequestLog): { run(): Promise<void>; stop(): void } {
  const work = {
    'signing keys': () => context.signingKeys.reload(),
    purge: () => purge(context),
    secrets: () => noteSecrets(context),
    'deletion of accounts': () => deleteDueAccounts(context),
    'removal of second factors': () => removeDueFactors(context),
    'deletion of organizations': () => deleteOrganizationsThatAreDue(context),
    mail: async () => context.mailer.wake(),
    // This task is the last, because the app's hook may take long.
    'hook afterSignUp': () => retryAfterSignUp(context),
  }
  let pass: Promise<void> | null = null

  /** Runs all tasks once. If a run is in progress already, waits for that run. */
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
        // Each further task would also wait for the database until its time limit. The tasks run again one minute later.
        if (isUnavailable(error)) return
      }
    }
  }

  const timer = setInterval(() => void run(), upkeepEveryMs)
  timer.unref()
  return { run, stop: () => clearInterval(timer) }
}
