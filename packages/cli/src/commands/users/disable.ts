import { time } from '../../terminal/time.ts'
import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { printUser } from './print-user.ts'
import { requireUser } from './require-user.ts'

/** `sallyport users disable`: keeps a user out. */
export function usersDisableCommand() {
  return command('disable', 'Keep a user out: end every session at once, and refuse new ones.', {
    examples: ['sallyport users disable ada@example.com'],
    more: 'The way back: sallyport users enable',
  })
    .argument('<id|email>', 'whom')
    .addOption(jsonOption)
    .action((idOrEmail: string, { json }: { json?: boolean }) =>
      withOperator(async (operator) => {
        const before = await requireUser(operator, idOrEmail)
        // Doing it again would write over since when: nobody disabled can have a session.
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
