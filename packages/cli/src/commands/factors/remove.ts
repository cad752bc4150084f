import type { Command } from 'commander'
import { print, say } from '../../terminal/print.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { Refusal } from '../refusal.ts'
import { requireUser } from '../users/require-user.ts'

type Options = { id?: string; all?: boolean; because: string; json?: boolean }

/** `sallyport users factors remove`: removes one or all second factors of a user. */
export function factorsRemoveCommand() {
  return command('remove', 'Remove a second factor of a user who has lost it.', {
    examples: [
      'sallyport users factors remove ada@example.com --all --because "showed her passport in a video call"',
      'sallyport users factors remove ada@example.com --id 019ab02e-9d3c-7f4e-8a51-6f0f4f6a2c11 --because "lost her phone, gave a code of her tablet"',
    ],
    more: `First check who asks for this, because afterwards the password is enough to sign in.
All sessions of the user end, every browser is asked for the factor again, and the user gets a mail.
The audit log contains the text of --because. With the last factor, the recovery codes are deleted.`,
  })
    .argument('<id|email>', 'the user')
    .option('--id <id>', 'the id of one factor, as `users factors list` shows it')
    .option('--all', 'all second factors of the user')
    .requiredOption('--because <text>', 'how the user has proved who they are, for the audit log')
    .addOption(jsonOption)
    .action(async (idOrEmail: string, { id, all, because, json }: Options, self: Command) => {
      if ((id === undefined) === (all === undefined))
        self.error('error: give --id for one second factor, or --all for all of them')
      await withOperator(async (operator) => {
        const user = await requireUser(operator, idOrEmail)
        const factors = await operator.users.factors(user.id)
        if (id !== undefined ? !factors.some((factor) => factor.id === id) : factors.length === 0)
          throw new Refusal(
            id === undefined
              ? `${user.email} has no second factor.`
              : `${user.email} has no second factor ${id}. See: sallyport users factors list ${user.email}`,
          )
        const result = await operator.users.removeFactors(user.id, { id, because })
        const { removed, left, sessions } = result
        await (json
          ? print(toJson({ userId: user.id, ...result }))
          : say(
              `Removed ${removed === 1 ? '1 second factor' : `${removed} second factors`} of ${user.email}, ${left} left. Ended ${sessions === 1 ? '1 session' : `${sessions} sessions`}.`,
            ))
      })
    })
}
