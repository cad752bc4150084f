import { print, say, tell } from '../../terminal/print.ts'
import { countLine } from '../../terminal/progress-line.ts'
import { withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { type Operator, withOperator } from '../open-sallyport.ts'

export type SecretReport = Awaited<ReturnType<Operator['secret']['report']>>

/** `sallyport secret reseal`: the first secret of `SALLYPORT_SECRET` takes over what the others protect. */
export function secretResealCommand() {
  return command('reseal', 'Seal everything that is stored under the first secret of SALLYPORT_SECRET.', {
    examples: ['SALLYPORT_SECRET=new,old sallyport secret reseal'],
    more: `Run it once every server runs with SALLYPORT_SECRET=new,old. It can be run while they serve, and again after it was interrupted.
Nobody is signed out, and links in mails go on working, also after the old secret is removed. If the old secret is in the wrong hands,
that is not enough: sallyport secret forget --help`,
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

/** Says what depends on which secret, and whether the old one can go. */
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
      await say('Nothing needs another secret than the first. Set SALLYPORT_SECRET to that one alone.')
  }
  if (total('lost') > 0)
    tell(
      `${total('lost')} of these were sealed under a secret that is not set, and cannot be opened: set it too, or let them expire.`,
    )
  if (olderUsedAt !== null)
    tell(
      'A server has made things with another secret than the first within the last three minutes. Restart all of them with SALLYPORT_SECRET=new,old before you remove the old one.',
    )
}

const names = {
  'signing key': 'Signing keys',
  'sign-up': 'Sign-ups that wait for a click',
  mail: 'Mails to be sent',
}
const keysAreStored =
  'Sessions, known browsers and throttles: they go on without the old secret, by keys that are derived from it and are stored under the first.'
