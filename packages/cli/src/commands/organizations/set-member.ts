import type { Command } from 'commander'
import { print, say } from '../../terminal/print.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { roleList } from '../users/print-user.ts'
import { requireUser } from '../users/require-user.ts'
import { collectRole } from '../users/role.ts'
import { requireOrganization } from './require-organization.ts'

/** `sallyport organizations set-member`: gives a user roles in an organization, or removes the user from it. */
export function organizationsSetMemberCommand() {
  return command('set-member', "Replace a user's roles in an organization. Takes effect immediately.", {
    examples: [
      'sallyport organizations set-member acme ada@example.com owner',
      'sallyport organizations set-member acme ada@example.com --none',
    ],
    more: 'A user who is not a member becomes one, without an invitation. Use it if an organization has lost its owner. Roles that are not named are removed. The last owner cannot lose the role.',
  })
    .argument('<id|slug>', 'the organization')
    .argument('<id|email>', 'the user')
    .argument('[role...]', 'all roles of the user in the organization', collectRole)
    .option('--none', 'remove the user from the organization')
    .addOption(jsonOption)
    .action(
      async (
        idOrSlug: string,
        idOrEmail: string,
        roles: string[],
        { none, json }: { none?: boolean; json?: boolean },
        self: Command,
      ) => {
        if (none && roles.length > 0) self.error('error: give roles or --none, but not both')
        if (!none && roles.length === 0) self.error('error: give at least one role, or --none')
        await withOperator(async (operator) => {
          const organization = await requireOrganization(operator, idOrSlug)
          const user = await requireUser(operator, idOrEmail)
          if (none) await operator.organizations.removeMember(organization.id, user.id)
          else await operator.organizations.setMember(organization.id, user.id, roles)
          if (json)
            return print(
              toJson({ organizationId: organization.id, userId: user.id, roles: none ? null : roles }),
            )
          await say(
            none
              ? `${user.email} is no longer a member of ${organization.slug}.`
              : `${user.email} has the roles ${roleList(roles)} in ${organization.slug}.`,
          )
        })
      },
    )
}
