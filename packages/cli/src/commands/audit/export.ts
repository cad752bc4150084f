import { Option } from 'commander'
import { csvLine } from '../../terminal/csv.ts'
import { print } from '../../terminal/print.ts'
import { withProgress } from '../../terminal/progress.ts'
import { withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command } from '../command.ts'
import { type AuditEvent, withOperator } from '../open-sallyport.ts'
import { requireUser } from '../users/require-user.ts'
import { instant } from './options.ts'

type Options = { since?: number; until?: number; user?: string; action?: string; csv?: boolean }

/** `sallyport audit export`: writes the audit log or a part of it. */
export function auditExportCommand() {
  return command('export', 'Write the audit log to standard output, oldest first.', {
    examples: [
      'sallyport audit export > audit-log.jsonl',
      'sallyport audit export --since 2026-11-01 --until 2026-12-01 --csv > november.csv',
      'sallyport audit export --action refresh_reuse',
    ],
    more: 'The server deletes events after SALLYPORT_AUDIT_RETENTION_DAYS. If you must keep them longer, export them before.',
  })
    .option('--since <time>', 'from this time, in UTC: 2026-11-23 or 2026-11-23T08:00Z', instant)
    .option('--until <time>', 'before this time', instant)
    .option('--user <id|email>', 'only events of this user')
    .option('--action <action>', 'only events with this action, such as sign_in')
    .addOption(
      new Option('--json', 'the default: JSON, one document per line; times are ISO 8601, in UTC').conflicts(
        'csv',
      ),
    )
    .option('--csv', 'CSV instead')
    .action(({ user, csv, ...filter }: Options) =>
      withOperator(async (operator) => {
        const userId = user === undefined ? undefined : (await requireUser(operator, user)).id
        const events = operator.audit.read({ ...filter, ...(userId !== undefined && { userId }) })
        if (csv) await print(csvLine(columns))
        for await (const event of withProgress(events, 'events')) {
          const row = withIsoTimes(event)
          await print(csv ? csvLine(columns.map((name) => row[name])) : toJson(row))
        }
      }),
    )
}

const columns = [
  'id',
  'at',
  'action',
  'result',
  'actor',
  'userId',
  'sessionId',
  'address',
  'userAgent',
  'requestId',
  'details',
] as const satisfies (keyof AuditEvent)[]
