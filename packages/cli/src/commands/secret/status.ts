import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { printReport } from './reseal.ts'

/** `sallyport secret status`: prints which data is encrypted with which secret. */
export function secretStatusCommand() {
  return command('status', 'Show what still needs an old secret. Changes nothing.', {
    examples: ['SALLYPORT_SECRET=new,old sallyport secret status'],
  })
    .addOption(jsonOption)
    .action(({ json }: { json?: boolean }) =>
      withOperator(async ({ secret }) => printReport(await secret.report(), json)),
    )
}
