import { hookUserOf } from '../../services/ask-hook.ts'
import type { Context } from '../../services/context.ts'
import { waitMinutes } from '../../services/mail-policy.ts'
import { withinTime } from '../../services/within-time.ts'
import type { Database } from '../../store/database.ts'
import {
  addPendingHook,
  dropPendingHooks,
  finishPendingHook,
  postponePendingHook,
  takePendingHook,
} from '../../store/pending-hook.ts'
import { findUserById, type StoredUser } from '../../store/user.ts'

/** Seconds that a process has one in hand; longer than a hook may take. */
const heldSeconds = 60
/** Seconds after which a pass takes none in hand any more: the keys want to be looked at every minute. */
const passSeconds = 30
/** Hours that one is kept while there is no hook: as long as a failing one is tried. */
const keptHours = 36

/** In the transaction that adds somebody who signed up: from then on the product is told, whatever happens to this process. */
export async function noteSignUp(context: Context, transaction: Database, userId: string): Promise<void> {
  if (context.hooks.afterSignUp === undefined) return
  await addPendingHook(transaction, userId, context.clock() + heldSeconds * 1000)
}

/** Tells the product, once the transaction has been committed. Nobody waits for it: the sign-up stands, and what fails comes again. */
export function tellOfSignUp(context: Context, user: StoredUser): void {
  const { underWay, onHookFault } = context
  const telling = tell(context, user, 0)
    .catch((error: unknown) => onHookFault('afterSignUp', error))
    .finally(() => underWay.delete(telling))
  underWay.add(telling)
}

/** Tells it of those that it has not heard of, one after the other: after a failure, or a crash. What is left has the next minute. */
export async function retryAfterSignUp(context: Context): Promise<void> {
  const { database, clock, hooks } = context
  const start = clock()
  // The hook was taken away: who comes back to one in a year is not to hear of everybody from today.
  if (hooks.afterSignUp === undefined) return dropPendingHooks(database, start - keptHours * 3_600_000)
  for (;;) {
    const now = clock()
    if (now >= start + passSeconds * 1000) return
    const pending = await takePendingHook(database, { now, heldUntil: now + heldSeconds * 1000 })
    if (pending === null) return
    const user = await findUserById(database, pending.userId)
    if (user !== null) await tell(context, user, pending.attempts)
  }
}

async function tell(context: Context, user: StoredUser, attempts: number): Promise<void> {
  const { database, clock, config, hooks, onHookFault } = context
  const { afterSignUp } = hooks
  if (afterSignUp === undefined) return
  try {
    await withinTime(config.hookTimeoutMs, async (signal) => {
      await afterSignUp(hookUserOf(context, user), { signal })
    })
  } catch (error) {
    onHookFault('afterSignUp', error)
    const wait = waitMinutes[attempts]
    if (wait !== undefined) return postponePendingHook(database, user.id, clock() + wait * 60_000)
  }
  await finishPendingHook(database, user.id)
}
