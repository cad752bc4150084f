import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { printUser } from './print-user.ts'
import { requireUser } from './require-user.ts'

/** `sallyport users enable`: lets a disabled user sign in again. */
export function usersEnableCommand() {
  return command('enable', 'Let a disabled user sign in again.', {
    examples: ['sallyport users enable ada@example.com'],
    more: 'Sessions that have ended are not restored.',
  })
    .argument('<id|email>', 'the user')
    .addOption(jsonOption)
    .action((idOrEmail: string, { json }: { json?: boolean }) =>
      withOperator(async (operator) => {
        const before = await requireUser(operator, idOrEmail)
        await operator.users.enable(before.id)
        const user = await requireUser(operator, before.id)
        const was = before.disabledAt === null ? 'was not disabled' : 'can sign in again'
        await printUser(user, { json, sentence: `${user.email} ${was}.` })
      }),
    )
}
