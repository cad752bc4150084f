import type { Command } from 'commander'
import { print, say } from '../terminal/print.ts'
import { toJson } from '../terminal/visible.ts'
import { command, jsonOption } from './command.ts'
import { orRefusal, refusalOf, requireDatabase } from './open-sallyport.ts'
import { readSettings } from './read-settings.ts'

type Options = { to?: string; json?: boolean }

/** An environment variable for the URL of the new database. Other users of the machine can read arguments, but not the environment. */
const variable = 'SALLYPORT_MOVE_TO'

/** `sallyport move`: copies everything into an empty database. */
export function moveCommand() {
  return command('move', 'Copy everything into another, empty database. Nobody has to sign in again.', {
    examples: [
      'sallyport move --to postgres://sallyport@db.example.com/sallyport',
      `${variable}=postgres://… sallyport move`,
      'DATABASE_URL=postgres://… sallyport move --to /var/lib/sallyport',
    ],
    more: `Stop the servers first: while one is running, the command refuses to copy. It only reads the old database. After a server has run
on the new database, do not use the old one again. All users of the machine can read arguments, so omit the password there and
set PGPASSWORD, or set ${variable} to the complete address. For all steps, see docs/production/moving-to-postgresql.md.`,
  })
    .option(
      '--to <address>',
      `postgres://… or a folder, like DATABASE_URL and DATA_DIR (default: ${variable})`,
    )
    .addOption(jsonOption)
    .action(async ({ to = process.env[variable], json }: Options, self: Command) => {
      if (!to) return self.error(`error: give the new database with --to <address>, or set ${variable}`)
      await requireDatabase()
      const settings = await readSettings()
      const { moveStore } = await import('@sallyport/server')
      const result = await orRefusal(() => moveStore(settings.options, to), settings).catch(async (error) => {
        throw await refusalOf(error)
      })
      if (json) return print(toJson(result))
      const { user = 0, session = 0, audit_event: events = 0 } = result.rows
      await say(`Moved ${user} users, ${session} sessions and ${events} audit events to ${result.target}.`)
      await say(
        'Start the servers with the address of the new database and the same SALLYPORT_SECRET: nobody has to sign in again.',
      )
      await say(
        'Move the old database to another folder: a server that is started on it would accept sessions that have ended since.',
      )
    })
}
