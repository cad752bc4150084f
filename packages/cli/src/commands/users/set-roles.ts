import type { Command } from 'commander'
import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { printUser, roleList } from './print-user.ts'
import { requireUser } from './require-user.ts'
import { collectRole } from './role.ts'

type Options = { none?: boolean; json?: boolean }

/** `sallyport users set-roles`: replaces the roles of a user. */
export function usersSetRolesCommand() {
  return command('set-roles', "Replace a user's roles. Takes effect at the user's next request.", {
    examples: [
      'sallyport users set-roles ada@example.com owner finance',
      'sallyport users set-roles ada@example.com --none',
    ],
    more: 'Roles that are not named are removed. Nobody is signed out: a token with the old roles is refreshed. If SALLYPORT_ROLES is set, a role that it does not define is refused.',
  })
    .argument('<id|email>', 'the user')
    .argument('[role...]', 'all roles of the user', collectRole)
    .option('--none', 'remove all roles')
    .addOption(jsonOption)
    .action(async (idOrEmail: string, roles: string[], { none, json }: Options, self: Command) => {
      if (none && roles.length > 0) self.error('error: give roles or --none, but not both')
      if (!none && roles.length === 0) self.error('error: give at least one role, or --none')
      await withOperator(async (operator) => {
        const before = await requireUser(operator, idOrEmail)
        await operator.users.setRoles(before.id, roles)
        const user = await requireUser(operator, before.id)
        await printUser(user, {
          json,
          sentence: `${user.email} has the roles ${roleList(user.roles)} from the next request on; before: ${roleList(before.roles)}.`,
        })
      })
    })
}
