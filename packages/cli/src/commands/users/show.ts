import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { printUser, printUserFields } from './print-user.ts'
import { requireUser } from './require-user.ts'
import { waysInLine } from './ways-in.ts'

/** `sallyport users show`: prints one user. */
export function usersShowCommand() {
  return command('show', 'Show one user.', {
    examples: [
      'sallyport users show ada@example.com',
      'sallyport users show ada@example.com --json | jq -r .id',
    ],
  })
    .argument('<id|email>', 'the user')
    .addOption(jsonOption)
    .action((idOrEmail: string, { json }: { json?: boolean }) =>
      withOperator(async (operator) => {
        const user = await requireUser(operator, idOrEmail)
        if (json) return printUser(user, { json, sentence: '' })
        const sessions = await operator.sessions.list(user.id)
        const waysIn = waysInLine(await operator.users.waysIn(user.id))
        await printUserFields(user, { sessions: `${sessions.length} open`, 'ways in': waysIn })
      }),
    )
}
