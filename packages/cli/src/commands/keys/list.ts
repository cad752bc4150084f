import type { Colour } from '../../terminal/colour.ts'
import { print } from '../../terminal/print.ts'
import { printTable } from '../../terminal/table.ts'
import { time, withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonLinesOption } from '../command.ts'
import { type Operator, withOperator } from '../open-sallyport.ts'

type Key = ReturnType<Operator['keys']['list']>[number]

const colours: Record<Key['state'], Colour> = {
  signing: 'green',
  reserve: 'yellow',
  published: 'yellow',
  retired: 'dim',
  revoked: 'red',
}

/** `sallyport keys list`: prints all keys, newest first. */
export function keysListCommand() {
  return command('list', 'List the signing keys, newest first.', {
    examples: ['sallyport keys list', `sallyport keys list --json | jq -r 'select(.state == "signing").kid'`],
    more: `States:
  signing    signs new tokens
  reserve    signs from the time in SIGNS FROM; verifiers already have it
  published  no longer signs; its last tokens are still accepted
  retired    its last token has expired
  revoked    compromised; its tokens are refused`,
  })
    .addOption(jsonLinesOption)
    .action(({ json }: { json?: boolean }) =>
      withOperator(async ({ keys }) => {
        if (json) for (const key of keys.list()) await print(toJson(withIsoTimes(key)))
        else await printTable(columns, keys.list(), 'There is no key.')
      }),
    )
}

const columns = [
  { title: 'KID', of: ({ kid }: Key) => kid },
  { title: 'STATE', of: ({ state }: Key) => state, colour: ({ state }: Key) => colours[state] },
  { title: 'ALGORITHM', of: ({ algorithm }: Key) => algorithm },
  { title: 'SIGNS FROM', of: ({ activeAt }: Key) => time(activeAt) },
  { title: 'ENDED', of: ({ revokedAt, retiredAt }: Key) => time(revokedAt ?? retiredAt) },
]
