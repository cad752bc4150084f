import { time } from '../../terminal/time.ts'
import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { printUser } from './print-user.ts'
import { requireUser } from './require-user.ts'

/** `sallyport users disable`: ends all sessions of a user and refuses new ones. */
export function usersDisableCommand() {
  return command('disable', 'Disable a user: end every session immediately, and refuse new ones.', {
    examples: ['sallyport users disable ada@example.com'],
    more: 'To undo this: sallyport users enable',
  })
    .argument('<id|email>', 'the user')
    .addOption(jsonOption)
    .action((idOrEmail: string, { json }: { json?: boolean }) =>
      withOperator(async (operator) => {
        const before = await requireUser(operator, idOrEmail)
        // The user is already disabled and has no session. To disable the user again would overwrite `disabledAt`.
        if (before.disabledAt !== null)
          return printUser(before, {
            json,
            sentence: `${before.email} was disabled already, at ${time(before.disabledAt)}.`,
          })
        await operator.users.disable(before.id)
        const user = await requireUser(operator, before.id)
        await printUser(user, {
          json,
          sentence: `${user.email} is disabled: every session has ended, and signing in is refused.`,
        })
      }),
    )
}
