import { Option } from 'commander'
import { csvLine } from '../../terminal/csv.ts'
import { print } from '../../terminal/print.ts'
import { withProgress } from '../../terminal/progress.ts'
import { withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'

type Options = { csv?: boolean; withPasswordHashes?: boolean }

/** `sallyport users export`: all users, as an import takes them. */
export function usersExportCommand() {
  return command('export', 'Write all users to standard output, as `users import` takes them.', {
    examples: [
      'sallyport users export > users.jsonl',
      'sallyport users export --csv --with-password-hashes > users.csv',
    ],
    more: 'With the hashes, passwords can be guessed offline: keep the file safe. The audit log records the export.',
  })
    .addOption(
      new Option(
        '--json',
        'the default: write JSON, one document a line; times are ISO 8601, in UTC',
      ).conflicts('csv'),
    )
    .option('--csv', 'as CSV instead')
    .option('--with-password-hashes', 'with the hashes, to sign in elsewhere')
    .action(({ csv, withPasswordHashes }: Options) =>
      withOperator(async ({ users }) => {
        let isFirst = true
        for await (const { passwordHash, fields, ...user } of withProgress(users.exported(), 'users')) {
          const own = csv ? JSON.stringify(fields) : fields
          const row = withIsoTimes({
            ...user,
            ...(withPasswordHashes && { passwordHash }),
            ...(fields && { fields: own }),
          })
          if (csv && isFirst) await print(csvLine(Object.keys(row)))
          isFirst = false
          await print(csv ? csvLine(Object.values(row)) : toJson(row))
        }
      }),
    )
}
