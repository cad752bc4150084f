import { print, say } from '../terminal/print.ts'
import { toJson } from '../terminal/visible.ts'
import { command, jsonOption } from './command.ts'
import { openSallyport } from './open-sallyport.ts'

/** `sallyport migrate`: opening the store migrates it. */
export function migrateCommand() {
  return command('migrate', 'Bring the database to the newest form, and stop.', {
    examples: ['sallyport migrate', 'DATABASE_URL=postgres://… sallyport migrate'],
    more: 'Makes the database of a new install. A server does the same at its start; this is for doing it before.',
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
