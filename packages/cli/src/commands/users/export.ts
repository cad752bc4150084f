import { Option } from 'commander'
import { csvLine } from '../../terminal/csv.ts'
import { print } from '../../terminal/print.ts'
import { withProgress } from '../../terminal/progress.ts'
import { withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { factorsKeyOption, readFactorsKey } from './factors-key.ts'

type Options = { csv?: boolean; withPasswordHashes?: boolean; factorsKey?: string }

/** `sallyport users export`: writes all users in the format of `users import`. */
export function usersExportCommand() {
  return command('export', 'Write all users to standard output, in the format of `users import`.', {
    examples: [
      'sallyport users export > users.jsonl',
      'sallyport users export --csv --with-password-hashes > users.csv',
      'sallyport users export --with-password-hashes --factors-key factors.key > users.jsonl',
    ],
    more: `Passwords can be guessed offline from the hashes: protect the file. The audit log records the export.
Second factors and passkeys are included. Users who have an authenticator app can be imported only if the
export had --factors-key, and with the same file.`,
  })
    .addOption(
      new Option('--json', 'the default: JSON, one document per line; times are ISO 8601, in UTC').conflicts(
        'csv',
      ),
    )
    .option('--csv', 'CSV instead')
    .option('--with-password-hashes', 'include the password hashes, for another system')
    .addOption(factorsKeyOption('with which the secrets of authenticator apps are encrypted'))
    .action(({ csv, withPasswordHashes, factorsKey: file }: Options) =>
      withOperator(async ({ users }) => {
        const exported = users.exported({ factorsKey: readFactorsKey(file) })
        const asCell = (value: unknown) => (csv ? JSON.stringify(value) : value)
        let isFirst = true
        for await (const user of withProgress(exported, 'users')) {
          const { passwordHash, fields, identities, totp, recoveryCodes, passkeys, ...plain } = user
          const row = withIsoTimes({
            ...plain,
            ...(withPasswordHashes && { passwordHash }),
            identities: asCell(identities),
            totp: asCell(totp),
            recoveryCodes: asCell(recoveryCodes),
            passkeys: asCell(passkeys),
            ...(fields && { fields: asCell(fields) }),
          })
          if (csv && isFirst) await print(csvLine(Object.keys(row)))
          isFirst = false
          await print(csv ? csvLine(Object.values(row)) : toJson(row))
        }
      }),
    )
}
