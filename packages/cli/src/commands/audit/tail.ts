import { setTimeout as wait } from 'node:timers/promises'
import { print } from '../../terminal/print.ts'
import { exactTime, withIsoTimes } from '../../terminal/time.ts'
import { toJson, visible } from '../../terminal/visible.ts'
import { command, jsonLinesOption } from '../command.ts'
import { type AuditEvent, type Operator, withOperator } from '../open-sallyport.ts'
import { requireUser } from '../users/require-user.ts'
import { wholeNumber } from './options.ts'

/**
 * `pollMs` is the time between two reads, in milliseconds. Each read begins `overlapMs` before the present time, because an event may
 * become visible late: a transaction that began earlier may commit later.
 */
const pollMs = 500
const overlapMs = 10_000

type Options = { lines: number; follow?: boolean; user?: string; json?: boolean }

/** `sallyport audit tail`: prints the newest events. */
export function auditTailCommand() {
  return command('tail', 'Print the newest events of the audit log, oldest first.', {
    examples: [
      'sallyport audit tail',
      'sallyport audit tail --user ada@example.com --lines 100',
      'sallyport audit tail --follow --json | jq -r .action',
    ],
    more: 'The address and the device come from the client and can be forged.',
  })
    .option('-n, --lines <count>', 'the number of events', wholeNumber, 20)
    .option('-f, --follow', 'print new events until Ctrl-C')
    .option('--user <id|email>', 'only events of this user')
    .addOption(jsonLinesOption)
    .action(({ lines, follow, user, json }: Options) =>
      withOperator(async (operator) => {
        const filter = user === undefined ? {} : { userId: (await requireUser(operator, user)).id }
        const show = (event: AuditEvent) => print(json ? toJson(withIsoTimes(event)) : lineOf(event))
        const seen = new Map<string, number>()
        for (const event of await operator.audit.latest(lines, filter)) {
          seen.set(event.id, event.at)
          await show(event)
        }
        if (follow) await goOn(operator, filter, seen, show)
      }),
    )
}

async function goOn(
  { audit }: Operator,
  filter: { userId?: string },
  seen: Map<string, number>,
  show: (event: AuditEvent) => Promise<void>,
): Promise<never> {
  const began = Date.now()
  for (;;) {
    const since = Math.max(began, Date.now() - overlapMs)
    for await (const event of audit.read({ ...filter, since })) {
      if (seen.has(event.id)) continue
      seen.set(event.id, event.at)
      await show(event)
    }
    for (const [id, at] of seen) if (at < since - overlapMs) seen.delete(id)
    await wait(pollMs)
  }
}

/** Formats an event as one line of text. */
function lineOf({ at, action, result, actor, userId, address, details }: AuditEvent): string {
  const parts = [
    exactTime(at),
    action.padEnd(26),
    result.padEnd(7),
    userId ?? '-',
    actor === 'operator' ? 'by operator' : (address ?? '-'),
    details ?? '',
  ]
  return visible(parts.join('  ').trimEnd())
}
