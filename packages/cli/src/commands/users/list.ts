import { print } from '../../terminal/print.ts'
import { withProgress } from '../../terminal/progress.ts'
import { printTable } from '../../terminal/table.ts'
import { time, withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonLinesOption } from '../command.ts'
import { type OperatorUser, withOperator } from '../open-sallyport.ts'
import { roleList } from './print-user.ts'
import { requireRole } from './role.ts'

type Filter = { role?: string; disabled?: boolean }

/** `sallyport users list`: prints users. It begins to print before it has read all of them. */
export function usersListCommand() {
  return command('list', 'List users, oldest first.', {
    examples: [
      'sallyport users list',
      'sallyport users list --role owner',
      'sallyport users list --disabled --json | jq -r .email',
    ],
    more: 'Users are printed while they are read, so `sallyport users list | head` does not read all of them.',
  })
    .option('--role <role>', 'only users with this role', requireRole)
    .option('--disabled', 'only disabled users')
    .addOption(jsonLinesOption)
    .action(({ json, ...filter }: Filter & { json?: boolean }) =>
      withOperator(async ({ users }) => {
        const found = matching(withProgress(users.list(), 'users'), filter)
        if (json) for await (const user of found) await print(toJson(withIsoTimes(user)))
        else await printTable(columns, found, 'No user found.')
      }),
    )
}

const columns = [
  { title: 'EMAIL', of: ({ email }: OperatorUser) => email },
  { title: 'NAME', of: ({ name }: OperatorUser) => name },
  { title: 'ROLES', of: ({ roles }: OperatorUser) => roleList(roles) },
  {
    title: 'STATE',
    of: ({ disabledAt }: OperatorUser) => (disabledAt === null ? 'active' : 'disabled'),
    colour: ({ disabledAt }: OperatorUser) => (disabledAt === null ? undefined : ('red' as const)),
  },
  {
    title: 'SIGNED IN',
    of: ({ signedInAt }: OperatorUser) => (signedInAt === null ? 'never' : time(signedInAt)),
  },
  { title: 'ID', of: ({ id }: OperatorUser) => id },
]

async function* matching(users: AsyncIterable<OperatorUser>, { role, disabled }: Filter) {
  for await (const user of users) {
    if (role !== undefined && !user.roles.includes(role)) continue
    if (disabled && user.disabledAt === null) continue
    yield user
  }
}
