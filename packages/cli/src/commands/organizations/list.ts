import { print } from '../../terminal/print.ts'
import { withProgress } from '../../terminal/progress.ts'
import { printTable } from '../../terminal/table.ts'
import { time, withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonLinesOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import type { Organization } from './require-organization.ts'

/** `sallyport organizations list`: prints organizations. It begins to print before it has read all of them. */
export function organizationsListCommand() {
  return command('list', 'List organizations, oldest first.', {
    examples: ['sallyport organizations list', 'sallyport organizations list --json | jq -r .slug'],
  })
    .addOption(jsonLinesOption)
    .action(({ json }: { json?: boolean }) =>
      withOperator(async ({ organizations }) => {
        const found = withProgress(organizations.list(), 'organizations')
        if (json) for await (const organization of found) await print(toJson(withIsoTimes(organization)))
        else await printTable(columns, found, 'No organization found.')
      }),
    )
}

const columns = [
  { title: 'SLUG', of: ({ slug }: Organization) => slug },
  { title: 'NAME', of: ({ name }: Organization) => name },
  {
    title: 'STATE',
    of: ({ deleteAt }: Organization) => (deleteAt === null ? 'active' : `deleted on ${time(deleteAt)}`),
    colour: ({ deleteAt }: Organization) => (deleteAt === null ? undefined : ('red' as const)),
  },
  { title: 'CREATED', of: ({ createdAt }: Organization) => time(createdAt) },
  { title: 'ID', of: ({ id }: Organization) => id },
]
