import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { printUser } from './print-user.ts'
import { requireUser } from './require-user.ts'

/** `sallyport users unlock`: forgets the wrong passwords of a user. */
export function usersUnlockCommand() {
  return command('unlock', 'Let somebody try passwords again after too many wrong ones.', {
    examples: ['sallyport users unlock ada@example.com'],
    more: 'Without an operator, a new password by mail does the same.',
  })
    .argument('<id|email>', 'whom')
    .addOption(jsonOption)
    .action((idOrEmail: string, { json }: { json?: boolean }) =>
      withOperator(async (operator) => {
        const user = await requireUser(operator, idOrEmail)
        await operator.users.unlock(user.id)
        await printUser(user, { json, sentence: `The wrong passwords of ${user.email} are forgotten.` })
      }),
    )
}
