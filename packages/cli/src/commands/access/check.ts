import type { Access } from '@sallyport/server'
import { print, say } from '../../terminal/print.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { Refusal } from '../refusal.ts'
import { checkSettings, definitionOfSettings } from './check-settings.ts'
import { checkUsers } from './check-users.ts'
import { counted, type Findings } from './findings.ts'
import { configuredDefinition, readDefinition } from './read-definition.ts'

type Options = { access?: string; code: string[]; database: boolean; json?: boolean }

/** `sallyport access check`: compares the definition with the settings, the users and the code. */
export function accessCheckCommand() {
  return command('check', 'Find roles and permissions that the definition does not have.', {
    examples: [
      'sallyport access check --config sallyport.config.ts',
      'sallyport access check --access access.ts --code app api --no-database',
    ],
    more: `Compares the definition with the settings, with the roles that users have, and with the guards in the code: requireAuth,
withAuth, isAllowed, auth.require, auth.meets, can, the rules of \`protect\`, and <Can>. Prints a line for each mistake, and
exits with 1 if there is one. Roles that nobody has and permissions that no guard requires are only notes.`,
  })
    .option(
      '--access <file>',
      'a file with the definition (default: `access` of the configuration file, or SALLYPORT_ROLES)',
    )
    .option('--code <path...>', 'folders and files with the code', ['.'])
    .option('--no-database', 'leave out the roles of users')
    .addOption(jsonOption)
    .action(async ({ access: file, code, database, json }: Options) => {
      const access = await definitionFor(file)
      const settings = await checkSettings(access)
      // The parser is a native module. The other commands must not load it.
      const { checkCode } = await import('./check-code.ts')
      const parts = [settings, await checkCode(access, code)]
      // With wrong settings, the database cannot be opened.
      if (database && settings.mistakes.length > 0)
        settings.notes.push('The roles of users were not compared, because a setting is wrong.')
      else if (database) parts.push(await checkUsers(access))
      await report(access, parts, json)
    })
}

async function definitionFor(file: string | undefined): Promise<Access> {
  const found =
    file === undefined
      ? ((await configuredDefinition()) ?? (await definitionOfSettings()))
      : await readDefinition(file)
  if (found === null)
    throw new Refusal(
      'There is no definition of roles and permissions. Give --access FILE, or --config FILE with a configuration that has `access`.',
    )
  return found
}

/** @throws Refusal if there is a mistake, so that the exit code is 1. */
async function report(access: Access, parts: readonly Findings[], json: boolean | undefined): Promise<void> {
  const mistakes = parts.flatMap((part) => part.mistakes)
  const notes = parts.flatMap((part) => part.notes)
  if (json) await print(toJson({ mistakes, notes }))
  else {
    for (const { where, message } of mistakes) await say(`${where}  ${message}`)
    for (const note of notes) await say(`note: ${note}`)
  }
  if (mistakes.length > 0) throw new Refusal(`${counted(mistakes.length, 'mistake')} found.`)
  if (json) return
  const [roles, permissions] = [Object.keys(access.roles).length, access.permissions.length]
  const compared = parts.map((part) => part.compared)
  await say(
    `No mistake: ${counted(roles, 'role')} and ${counted(permissions, 'permission')}, compared with ${listed(compared)}.`,
  )
}

/** Returns the texts as a list in a sentence: `a, b and c`. */
function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join() : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`
}
