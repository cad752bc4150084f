import { print } from '../../terminal/print.ts'
import { printTable } from '../../terminal/table.ts'
import { time, withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonLinesOption } from '../command.ts'
import { type Factor, withOperator } from '../open-sallyport.ts'
import { requireUser } from '../users/require-user.ts'

/** `sallyport users factors list`: prints the second factors of a user. */
export function factorsListCommand() {
  return command('list', 'List the second factors of a user, and when they will be removed.', {
    examples: ['sallyport users factors list ada@example.com'],
  })
    .argument('<id|email>', 'the user')
    .addOption(jsonLinesOption)
    .action((idOrEmail: string, { json }: { json?: boolean }) =>
      withOperator(async (operator) => {
        const user = await requireUser(operator, idOrEmail)
        const factors = await operator.users.factors(user.id)
        if (json) for (const factor of factors) await print(toJson(withIsoTimes(factor)))
        else {
          const isPlanned = factors.some(({ removedAt }) => removedAt !== null)
          const shown = isPlanned ? [...columns, removalColumn] : columns
          await printTable(shown, factors, `${user.email} has no second factor.`)
        }
      }),
    )
}

const columns = [
  { title: 'KIND', of: ({ kind }: Factor) => kind },
  { title: 'NAME', of: ({ name }: Factor) => name },
  { title: 'ADDED', of: ({ createdAt }: Factor) => time(createdAt) },
  {
    title: 'LAST USED',
    of: ({ lastUsedAt }: Factor) => (lastUsedAt === null ? 'never' : time(lastUsedAt)),
  },
  { title: 'ID', of: ({ id }: Factor) => id },
]

const removalColumn = { title: 'WILL BE REMOVED', of: ({ removedAt }: Factor) => time(removedAt) }
