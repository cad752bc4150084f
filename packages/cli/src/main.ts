#!/usr/bin/env node
import { migrateCommand } from './commands/migrate.ts'
import { serveCommand } from './commands/serve.ts'

const commands = { serve: serveCommand, migrate: migrateCommand }

const usage = `Usage: sallyport <command>

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`)
  .join('\n')}

Settings come from the environment: docs/configuration.md lists them.
Example: SALLYPORT_SECRET=… SALLYPORT_ISSUER=http://localhost:4000 SALLYPORT_AUDIENCE=my-api sallyport serve`

const [name = '--help', ...rest] = process.argv.slice(2)
if (isHelp(name)) console.log(usage)
else if (!Object.hasOwn(commands, name)) refuse(`There is no command ${name}.`)
else {
  const command = commands[name as keyof typeof commands]
  if (rest.some(isHelp)) console.log(`Usage: sallyport ${name}\n\n${command.summary}`)
  else if (rest.length > 0)
    refuse(`sallyport ${name} takes no ${rest[0]}: settings come from the environment.`)
  else await run(command.run)
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h'
}

function refuse(sentence: string): void {
  console.error(`${sentence}\n\n${usage}`)
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
