import { print, say } from '../../terminal/print.ts'
import { withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { orRefusal, requireDatabase } from '../open-sallyport.ts'
import { readSettings } from '../read-settings.ts'
import { writeLines } from './lines.ts'

/** `sallyport backup`: writes the whole store to one file. */
export function backupCommand() {
  return command('backup', 'Write the whole database to a new file.', {
    examples: ['sallyport backup sallyport-2026-11-29.backup'],
    more: `Servers may run at the same time. The file is a snapshot of one moment. It can be restored into SQLite or PostgreSQL.
It contains password hashes and email addresses, so protect it like the database. To restore it, see docs/backup.md.`,
  })
    .argument('<file>', 'a file that does not exist yet; only its owner will be able to read it')
    .addOption(jsonOption)
    .action(async (file: string, { json }: { json?: boolean }) => {
      await requireDatabase()
      const settings = await readSettings()
      const { writeBackup } = await import('@sallyport/server')
      const result = await orRefusal(
        () => writeLines(file, (write) => writeBackup(settings.options, write)),
        settings,
      )
      if (json) return print(toJson({ file, ...withIsoTimes(result) }))
      const { user = 0, session = 0, audit_event: events = 0 } = result.rows
      await say(`Wrote ${file}: ${user} users, ${session} sessions, ${events} audit events.`)
    })
}
