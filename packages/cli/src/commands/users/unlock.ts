import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { printUser } from './print-user.ts'
import { requireUser } from './require-user.ts'

/** `sallyport users unlock`: sets the number of a user's wrong passwords to zero. */
export function usersUnlockCommand() {
  return command('unlock', 'Unlock a user after too many wrong passwords.', {
    examples: ['sallyport users unlock ada@example.com'],
    more: 'A password reset by mail also unlocks the user.',
  })
    .argument('<id|email>', 'the user')
    .addOption(jsonOption)
    .action((idOrEmail: string, { json }: { json?: boolean }) =>
      withOperator(async (operator) => {
        const user = await requireUser(operator, idOrEmail)
        await operator.users.unlock(user.id)
        await printUser(user, { json, sentence: `${user.email} can try passwords again.` })
      }),
    )
}
