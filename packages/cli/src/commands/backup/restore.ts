import { print, say } from '../../terminal/print.ts'
import { exactTime, withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { orRefusal } from '../open-sallyport.ts'
import { readSettings } from '../read-settings.ts'
import { readLines } from './lines.ts'

type Options = { revokeKey: string[]; json?: boolean }

/** `sallyport restore`: loads a backup into an empty database. */
export function restoreCommand() {
  return command('restore', 'Load a backup into an empty database. All users must sign in again.', {
    examples: [
      'DATA_DIR=/var/lib/sallyport-new sallyport restore sallyport-2026-11-29.backup',
      'DATABASE_URL=postgres://… sallyport restore sallyport-2026-11-29.backup',
    ],
    more: `Stop the servers first. The file is checked before anything is written. All sessions end, all access tokens are refused, and links
in mails stop working, because some of them were ended or used after the backup. For what is lost, see docs/backup.md.`,
  })
    .argument('<file>', 'a file that `sallyport backup` has written')
    .option(
      '--revoke-key <kid>',
      'a signing key that was created after the backup; may be repeated',
      (kid: string, before: string[]) => [...before, kid],
      [],
    )
    .addOption(jsonOption)
    .action(async (file: string, { revokeKey, json }: Options) => {
      const settings = await readSettings()
      const { restoreBackup } = await import('@sallyport/server')
      const result = await orRefusal(
        () => restoreBackup(settings.options, () => readLines(file), { revokedKids: revokeKey }),
        settings,
      )
      if (json) return print(toJson({ file, ...withIsoTimes(result) }))
      const { user = 0, audit_event: events = 0 } = result.rows
      await say(
        `Restored ${user} users and ${events} audit events, as they were at ${exactTime(result.createdAt)}.`,
      )
      await say(
        `${result.sessionsEnded} sessions have ended: all users must sign in again, with their password of that time.`,
      )
      await say('Changes after that time are lost, including deletions of accounts: see docs/backup.md.')
    })
}
