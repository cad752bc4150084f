import { print, say } from '../../terminal/print.ts'
import { time, withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'

/** `sallyport keys rotate`: makes the reserve key the signing key before its planned time, as soon as every verifier has it. */
export function keysRotateCommand() {
  return command(
    'rotate',
    'Make the reserve key the signing key earlier than planned, as soon as every verifier has it.',
    {
      examples: ['sallyport keys rotate'],
      more: `The server rotates the keys every 30 days. This command does it earlier. Nobody is signed out, and no token is refused.
If a key is compromised, revoke it instead: sallyport keys revoke --help`,
    },
  )
    .addOption(jsonOption)
    .action(({ json }: { json?: boolean }) =>
      withOperator(async ({ keys }) => {
        const at = await keys.rotate()
        const next = keys.list().find(({ activeAt, state }) => activeAt === at && state !== 'revoked')
        if (next === undefined) throw new Error('The next signing key does not exist any more.')
        if (json) return print(toJson(withIsoTimes(next)))
        const current = keys.list().find(({ state }) => state === 'signing')
        await say(
          next.kid === current?.kid
            ? `Key ${next.kid} signs from now on. Tokens of the previous key are accepted until they expire.`
            : `Key ${next.kid} takes over at ${time(at)}: by then every verifier has it. Key ${current?.kid} signs until then.`,
        )
      }),
    )
}
