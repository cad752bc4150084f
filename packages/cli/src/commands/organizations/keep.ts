import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { printOrganization, requireOrganization } from './require-organization.ts'

/** `sallyport organizations keep`: cancels the deletion of an organization. */
export function organizationsKeepCommand() {
  return command('keep', 'Cancel the deletion of an organization.', {
    examples: ['sallyport organizations keep acme'],
  })
    .argument('<id|slug>', 'the organization')
    .addOption(jsonOption)
    .action((idOrSlug: string, { json }: { json?: boolean }) =>
      withOperator(async (operator) => {
        const { id, slug } = await requireOrganization(operator, idOrSlug)
        await operator.organizations.keep(id)
        await printOrganization(await requireOrganization(operator, id), {
          json,
          sentence: `${slug} is not to be deleted.`,
        })
      }),
    )
}
