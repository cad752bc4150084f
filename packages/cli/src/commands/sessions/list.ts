import { print, tell } from '../../terminal/print.ts'
import { printTable } from '../../terminal/table.ts'
import { relativeTime, time, withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonLinesOption } from '../command.ts'
import { type Operator, withOperator } from '../open-sallyport.ts'
import { requireUser } from '../users/require-user.ts'

type Session = Awaited<ReturnType<Operator['sessions']['list']>>[number]

/** So many are listed at most, by the server's rule. */
const maxListed = 200

/** `sallyport sessions list`: the live sessions of a user. */
export function sessionsListCommand() {
  return command('list', "List a user's live sessions, last used first.", {
    examples: [
      'sallyport sessions list ada@example.com',
      'sallyport sessions list ada@example.com --json | jq -r .id',
    ],
    more: 'Address and device are what the browser sent with its last refresh: anybody can write what they like there.',
  })
    .argument('<id|email>', 'whose')
    .addOption(jsonLinesOption)
    .action((idOrEmail: string, { json }: { json?: boolean }) =>
      withOperator(async (operator) => {
        const user = await requireUser(operator, idOrEmail)
        const sessions = await operator.sessions.list(user.id)
        if (json) for (const session of sessions) await print(toJson(withIsoTimes(session)))
        else await printTable(columns, sessions, `${user.email} is signed in nowhere.`)
        if (sessions.length >= maxListed) tell(`Only the ${maxListed} used last are listed.`)
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
