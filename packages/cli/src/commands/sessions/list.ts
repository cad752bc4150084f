import { print, tell } from '../../terminal/print.ts'
import { printTable } from '../../terminal/table.ts'
import { relativeTime, time, withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonLinesOption } from '../command.ts'
import { type Operator, withOperator } from '../open-sallyport.ts'
import { requireUser } from '../users/require-user.ts'

type Session = Awaited<ReturnType<Operator['sessions']['list']>>[number]

/** The maximum number of sessions that the server lists. */
const maxListed = 200

/** `sallyport sessions list`: prints the open sessions of a user. */
export function sessionsListCommand() {
  return command('list', "List a user's open sessions, last used first.", {
    examples: [
      'sallyport sessions list ada@example.com',
      'sallyport sessions list ada@example.com --json | jq -r .id',
    ],
    more: 'The address and the device come from the client, with each refresh, and can be forged.',
  })
    .argument('<id|email>', 'the user')
    .addOption(jsonLinesOption)
    .action((idOrEmail: string, { json }: { json?: boolean }) =>
      withOperator(async (operator) => {
        const user = await requireUser(operator, idOrEmail)
        const sessions = await operator.sessions.list(user.id)
        if (json) for (const session of sessions) await print(toJson(withIsoTimes(session)))
        else await printTable(columns, sessions, `${user.email} has no open session.`)
        if (sessions.length >= maxListed) tell(`Only the ${maxListed} last used sessions are listed.`)
      }),
    )
}

const columns = [
  { title: 'ID', of: ({ id }: Session) => id },
  { title: 'LAST USED', of: ({ lastUsedAt }: Session) => time(lastUsedAt) },
  { title: 'SIGNED IN', of: ({ createdAt }: Session) => relativeTime(createdAt) },
  { title: 'ENDS BY', of: ({ expiresAt }: Session) => relativeTime(expiresAt) },
  { title: 'ADDRESS', of: ({ address }: Session) => address ?? '-' },
  { title: 'DEVICE', of: ({ userAgent }: Session) => shortened(userAgent ?? '-') },
]

function shortened(text: string): string {
  const characters = [...text]
  return characters.length <= 60 ? text : `${characters.slice(0, 59).join('')}…`
}
