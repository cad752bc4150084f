import { print } from '../../terminal/print.ts'
import { printTable } from '../../terminal/table.ts'
import { time, withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonLinesOption } from '../command.ts'
import { type Operator, withOperator } from '../open-sallyport.ts'
import { roleList } from '../users/print-user.ts'
import { requireOrganization } from './require-organization.ts'

type Member = ReturnType<Operator['organizations']['members']> extends AsyncGenerator<infer One> ? One : never

/** `sallyport organizations members`: prints the members of an organization. */
export function organizationsMembersCommand() {
  return command('members', 'List the members of an organization.', {
    examples: [
      'sallyport organizations members acme',
      'sallyport organizations members acme --json | jq -r .email',
    ],
  })
    .argument('<id|slug>', 'the organization')
    .addOption(jsonLinesOption)
    .action((idOrSlug: string, { json }: { json?: boolean }) =>
      withOperator(async ({ organizations }) => {
        const { id, slug } = await requireOrganization({ organizations }, idOrSlug)
        const members = organizations.members(id)
        if (json) for await (const member of members) await print(toJson(withIsoTimes(member)))
        else await printTable(columns, members, `${slug} has no members.`)
      }),
    )
}

const columns = [
  { title: 'EMAIL', of: ({ email }: Member) => email },
  { title: 'NAME', of: ({ name }: Member) => name },
  { title: 'ROLES', of: ({ roles }: Member) => roleList(roles) },
  { title: 'JOINED', of: ({ joinedAt }: Member) => time(joinedAt) },
  { title: 'ID', of: ({ userId }: Member) => userId },
]
