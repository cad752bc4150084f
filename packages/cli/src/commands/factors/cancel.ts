import { print, say } from '../../terminal/print.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { Refusal } from '../refusal.ts'
import { requireUser } from '../users/require-user.ts'

/** `sallyport users factors cancel`: cancels a planned removal of second factors. */
export function factorsCancelCommand() {
  return command('cancel', 'Cancel the removal of second factors that has not been carried out yet.', {
    examples: ['sallyport users factors cancel ada@example.com'],
  })
    .argument('<id|email>', 'the user')
    .addOption(jsonOption)
    .action((idOrEmail: string, { json }: { json?: boolean }) =>
      withOperator(async (operator) => {
        const user = await requireUser(operator, idOrEmail)
        if (!(await operator.users.cancelFactorRemoval(user.id)))
          throw new Refusal(
            `No removal is planned for ${user.email}. See: sallyport users factors list ${user.email}`,
          )
        await (json
          ? print(toJson({ userId: user.id, cancelled: true }))
          : say(`The second factors of ${user.email} will not be removed.`))
      }),
    )
}
