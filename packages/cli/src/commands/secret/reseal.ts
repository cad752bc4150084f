import { print, say, tell } from '../../terminal/print.ts'
import { countLine } from '../../terminal/progress-line.ts'
import { withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { type Operator, withOperator } from '../open-sallyport.ts'

export type SecretReport = Awaited<ReturnType<Operator['secret']['report']>>

/** `sallyport secret reseal`: encrypts stored data again, with the first secret of `SALLYPORT_SECRET`. */
export function secretResealCommand() {
  return command('reseal', 'Encrypt stored data again, under the first secret of SALLYPORT_SECRET.', {
    examples: ['SALLYPORT_SECRET=new,old sallyport secret reseal'],
    more: `Run it after all servers were restarted with SALLYPORT_SECRET=new,old. The servers may run meanwhile. If it
was interrupted, run it again. Nobody is signed out, and links in mails still work, even after the old secret is removed.
If the old secret has leaked, this is not enough: see sallyport secret forget --help`,
  })
    .addOption(jsonOption)
    .action(({ json }: { json?: boolean }) =>
      withOperator(async ({ secret }) => {
        const progress = countLine('rows')
        const report = await secret.reseal(progress.show).finally(progress.end)
        await printReport(report, json)
      }),
    )
}

/** Prints which data depends on which secret, and whether the old secret can be removed. */
export async function printReport(report: SecretReport, json: boolean | undefined): Promise<void> {
  const { sealed, olderUsedAt, carried } = report
  const total = (which: 'current' | 'earlier' | 'lost') =>
    Object.values(sealed).reduce((sum, counts) => sum + counts[which], 0)
  const canRemove = total('earlier') === 0
  if (json) await print(toJson(withIsoTimes({ ...report, canRemoveOld: canRemove })))
  else {
    for (const [kind, counts] of Object.entries(sealed))
      await say(
        `${names[kind as keyof typeof names]}: ${counts.current} under the first secret, ${counts.earlier} under another${counts.lost > 0 ? `, ${counts.lost} under none of these` : ''}.`,
      )
    if (carried > 0) await say(keysAreStored)
    if (canRemove)
      await say(
        'All data can be read with the first secret alone. Set SALLYPORT_SECRET to the first secret only.',
      )
  }
  if (total('lost') > 0)
    tell(
      `${total('lost')} of these were encrypted under a secret that is not set, and cannot be decrypted: add that secret, or let them expire.`,
    )
  if (olderUsedAt !== null)
    tell(
      'A server has used a secret other than the first within the last three minutes. Restart all servers with SALLYPORT_SECRET=new,old before you remove the old secret.',
    )
}

const names = {
  'signing key': 'Signing keys',
  'sign-up': 'Pending sign-ups',
  mail: 'Mails to be sent',
}
const keysAreStored =
  'Sessions, known browsers and throttles: they stay valid without the old secret. Keys that are derived from it are stored, encrypted under the first secret.'
