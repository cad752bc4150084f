import { Option } from 'commander'
import { csvLine } from '../../terminal/csv.ts'
import { print } from '../../terminal/print.ts'
import { withProgress } from '../../terminal/progress.ts'
import { withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'

type Options = { csv?: boolean; withPasswordHashes?: boolean }

/** `sallyport users export`: writes all users in the format of `users import`. */
export function usersExportCommand() {
  return command('export', 'Write all users to standard output, in the format of `users import`.', {
    examples: [
      'sallyport users export > users.jsonl',
      'sallyport users export --csv --with-password-hashes > users.csv',
    ],
    more: 'Passwords can be guessed offline from the hashes: protect the file. The audit log records the export.',
  })
    .addOption(
      new Option('--json', 'the default: JSON, one document per line; times are ISO 8601, in UTC').conflicts(
        'csv',
      ),
    )
    .option('--csv', 'CSV instead')
    .option('--with-password-hashes', 'include the password hashes, for another system')
    .action(({ csv, withPasswordHashes }: Options) =>
      withOperator(async ({ users }) => {
        let isFirst = true
        for await (const { passwordHash, fields, identities, ...user } of withProgress(
          users.exported(),
          'users',
        )) {
          const own = csv ? JSON.stringify(fields) : fields
          const row = withIsoTimes({
            ...user,
            ...(withPasswordHashes && { passwordHash }),
            identities: csv ? JSON.stringify(identities) : identities,
            ...(fields && { fields: own }),
          })
          if (csv && isFirst) await print(csvLine(Object.keys(row)))
          isFirst = false
          await print(csv ? csvLine(Object.values(row)) : toJson(row))
        }
      }),
    )
}
