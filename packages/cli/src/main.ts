#!/usr/bin/env node
import { migrateCommand } from './commands/migrate.ts'
import { serveCommand } from './commands/serve.ts'

const commands = { serve: serveCommand, migrate: migrateCommand }

const usage = `Usage: sallyport <command>

  serve     run the auth server; settings come from the environment
  migrate   bring the database to the newest form, and stop

Example: SALLYPORT_SECRET=… SALLYPORT_ISSUER=http://localhost:4000 SALLYPORT_AUDIENCE=my-api sallyport serve`

const [name = '--help'] = process.argv.slice(2)
if (name === '--help' || name === '-h') console.log(usage)
else if (Object.hasOwn(commands, name)) await run(commands[name as keyof typeof commands])
else {
  console.error(`There is no command ${name}.\n\n${usage}`)
  process.exitCode = 2
}

async function run(command: () => Promise<void>): Promise<void> {
  try {
    await command()
  } catch (error) {
    // A misconfiguration is the operator's to mend: its sentence is enough. Anything else is ours: show where.
    console.error(error instanceof TypeError ? error.message : error)
    process.exitCode = 1
  }
}
