import type { Command } from 'commander'
import { time } from '../../terminal/time.ts'
import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { requireTerminal, requireYes, yesOption } from '../require-yes.ts'
import { printOrganization, requireOrganization } from './require-organization.ts'

/** `sallyport organizations delete`: deletes an organization after 14 days. */
export function organizationsDeleteCommand() {
  return command('delete', 'Delete an organization after 14 days. Its tokens are refused immediately.', {
    examples: ['sallyport organizations delete acme', 'sallyport organizations delete acme --yes'],
    more: 'Until then, `sallyport organizations keep` cancels it. The users stay.',
  })
    .argument('<id|slug>', 'the organization')
    .addOption(yesOption)
    .addOption(jsonOption)
    .action(async (idOrSlug: string, { yes, json }: { yes?: boolean; json?: boolean }, self: Command) => {
      requireTerminal(self, yes, 'delete the organization')
      await withOperator(async (operator) => {
        const { id, slug, name } = await requireOrganization(operator, idOrSlug)
        if (!yes) await requireYes(`Delete ${name} (${slug})?`)
        const deleteAt = await operator.organizations.delete(id)
        await printOrganization(await requireOrganization(operator, id), {
          json,
          sentence: `${slug} will be deleted on ${time(deleteAt)}. To cancel this: sallyport organizations keep ${slug}`,
        })
      })
    })
}
