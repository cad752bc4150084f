import { print } from '../../terminal/print.ts'
import { command } from '../command.ts'
import { readDefinition } from './read-definition.ts'

/** `sallyport access export`: prints the definition of a file as JSON. */
export function accessExportCommand() {
  return command('export', 'Print the definition of roles and permissions as JSON.', {
    examples: ['sallyport access export access.ts > access.json'],
    more: `For APIs in other languages, such as the Django class and the Ruby class. Roles with '*' get the list of all permissions.
Everything else is in the order of the file. The output is itself a definition that you can pass as \`access\`.`,
  })
    .argument(
      '<file>',
      'a .ts, .mjs, .js or .json file with the definition as its export `access` or as its default export',
    )
    .action(async (file: string) => print(JSON.stringify(await readDefinition(file), null, 2)))
}
