import { type Command, Option } from 'commander'
import { print, say } from '../../terminal/print.ts'
import { time } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { type Operator, type OperatorUser, withOperator } from '../open-sallyport.ts'
import { Refusal } from '../refusal.ts'
import { requireUser } from '../users/require-user.ts'
import { waitingTime } from './waiting-time.ts'

type Removal = { id: string | undefined; because: string }
type Options = { id?: string; all?: boolean; because: string; after: number; now?: boolean; json?: boolean }

/** `sallyport users factors remove`: removes one or all second factors of a user, after a waiting time or at once. */
export function factorsRemoveCommand() {
  return command('remove', 'Remove a second factor of a user who has lost it.', {
    examples: [
      'sallyport users factors remove ada@example.com --all --because "showed her passport in a video call"',
      'sallyport users factors remove ada@example.com --id 019ab02e-9d3c-7f4e-8a51-6f0f4f6a2c11 --after 72h --because "lost her phone, gave a code of her tablet"',
    ],
    more: `First check who asks for this, because afterwards the password is enough to sign in.
The user gets a mail at once. If the user proves two factors during the waiting time, the removal is cancelled.
When the waiting time is over, a running server removes the factor. All sessions of the user end, every browser is
asked for the factor again, and the user gets a mail. With the last factor, the recovery codes are deleted.
The audit log contains the text of --because.`,
  })
    .argument('<id|email>', 'the user')
    .option('--id <id>', 'the id of one factor, as `users factors list` shows it')
    .option('--all', 'all authenticator apps and passkeys of the user')
    .requiredOption('--because <text>', 'how the user has proved who they are, for the audit log')
    .addOption(
      new Option('--after <time>', 'the waiting time, from 1m to 30d')
        .argParser(waitingTime)
        .default(waitingTime('24h'), '24h'),
    )
    .addOption(new Option('--now', 'remove the factor without a waiting time').conflicts('after'))
    .addOption(jsonOption)
    .action(async (idOrEmail: string, { id, all, because, after, now, json }: Options, self: Command) => {
      if ((id === undefined) === (all === undefined))
        self.error('error: give --id for one second factor, or --all for all of them')
      await withOperator(async (operator) => {
        const user = await requireUser(operator, idOrEmail)
        const removal = { id, because }
        await requireFactor(operator, user, removal)
        const { line, ...result } = await (now
          ? removeNow(operator, user, removal)
          : plan(operator, user, removal, after))
        await (json ? print(toJson({ userId: user.id, ...result })) : say(line))
      })
    })
}

/** @throws Refusal if the user does not have the factor. */
async function requireFactor({ users }: Operator, user: OperatorUser, { id }: Removal): Promise<void> {
  const factors = await users.factors(user.id)
  if (id !== undefined ? factors.some((factor) => factor.id === id) : factors.length > 0) return
  throw new Refusal(
    id === undefined
      ? `${user.email} has no second factor.`
      : `${user.email} has no second factor ${id}. See: sallyport users factors list ${user.email}`,
  )
}

async function removeNow({ users }: Operator, user: OperatorUser, removal: Removal) {
  const result = await users.removeFactors(user.id, removal)
  const { removed, left, sessions } = result
  const line = `Removed ${removed === 1 ? '1 second factor' : `${removed} second factors`} of ${user.email}, ${left} left. Ended ${sessions === 1 ? '1 session' : `${sessions} sessions`}.`
  return { line, ...result }
}

async function plan({ users }: Operator, user: OperatorUser, removal: Removal, afterSeconds: number) {
  const planned = (await users.factors(user.id)).find(({ removedAt }) => removedAt !== null)
  if (planned !== undefined)
    throw new Refusal(
      `A removal is planned for ${time(planned.removedAt)} already. Cancel it first: sallyport users factors cancel ${user.email}`,
    )
  const removedAt = await users.planFactorRemoval(user.id, { ...removal, afterSeconds })
  const what = removal.id === undefined ? 'All second factors' : 'The second factor'
  const line = `${what} of ${user.email} will be removed at ${time(removedAt)}. The user gets a mail now, and cancels this by signing in with two factors.`
  return { line, removedAt: new Date(removedAt).toISOString() }
}
