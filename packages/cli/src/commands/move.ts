import type { Command } from 'commander'
import { print, say } from '../terminal/print.ts'
import { toJson } from '../terminal/visible.ts'
import { command, jsonOption } from './command.ts'
import { orRefusal, refusalOf, requireDatabase } from './open-sallyport.ts'
import { readSettings } from './read-settings.ts'

type Options = { to?: string; json?: boolean }

/** Where the address of the new database may stand: an argument can be read by everybody on the machine. */
const variable = 'SALLYPORT_MOVE_TO'

/** `sallyport move`: everything into an empty database, where it goes on. */
export function moveCommand() {
  return command('move', 'Copy everything into an empty database of another kind. Sessions go on there.', {
    examples: [
      'sallyport move --to postgres://sallyport@db.example.com/sallyport',
      `${variable}=postgres://… sallyport move`,
      'DATABASE_URL=postgres://… sallyport move --to /var/lib/sallyport',
    ],
    more: `Stop the servers first: it refuses while one is running. The old database is only read. Do not use it again once a server
has run on the new one. Everybody on the machine can read an argument: leave the password out of it and set PGPASSWORD,
or put the whole address into ${variable}. docs/production/moving-to-postgresql.md goes through it step by step.`,
  })
    .option('--to <address>', `postgres://… or a folder, as DATABASE_URL and DATA_DIR (default: ${variable})`)
    .addOption(jsonOption)
    .action(async ({ to = process.env[variable], json }: Options, self: Command) => {
      if (!to) return self.error(`error: name the new database: --to <address>, or set ${variable}`)
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
        'Put the old database away: a server that is started on it would accept what has ended since.',
      )
    })
}
