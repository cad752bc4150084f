import { print, say } from '../terminal/print.ts'
import { toJson } from '../terminal/visible.ts'
import { command, jsonOption } from './command.ts'
import { openSallyport } from './open-sallyport.ts'

/** `sallyport migrate`: opens the store, which migrates it. */
export function migrateCommand() {
  return command('migrate', 'Migrate the database to this version, and exit.', {
    examples: ['sallyport migrate', 'DATABASE_URL=postgres://… sallyport migrate'],
    more: 'If there is no database, this command creates it. A server also migrates when it starts. Use this command to migrate before that.',
  })
    .addOption(jsonOption)
    .action(async ({ json }: { json?: boolean }) => {
      const sallyport = await openSallyport()
      await sallyport.close()
      const applied = sallyport.migrations
      if (json) return print(toJson({ applied }))
      if (applied.length === 0) return say('Nothing to do: the database is up to date.')
      await say(`Applied ${applied.join(', ')}. The database is up to date.`)
    })
}
