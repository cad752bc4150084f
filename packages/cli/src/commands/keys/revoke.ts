import type { Command } from 'commander'
import { print, say } from '../../terminal/print.ts'
import { time, withIsoTimes } from '../../terminal/time.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { Refusal } from '../refusal.ts'
import { requireTerminal, requireYes, yesOption } from '../require-yes.ts'

type Options = { yes?: boolean; json?: boolean }

/** `sallyport keys revoke`: revokes a compromised key. */
export function keysRevokeCommand() {
  return command(
    'revoke',
    'Revoke a compromised key. All tokens that it has signed are refused everywhere, immediately.',
    {
      examples: [
        'sallyport keys list',
        'sallyport keys revoke bWzgkK2Xj0TCu1c-9Ux6oZL1RfhY5mQvNsA3eGdI8pE --yes',
      ],
      more: 'Users stay signed in: their next refresh returns a token that another key has signed. This cannot be undone.',
    },
  )
    .argument('<kid>', 'the id of the key, as `keys list` shows it')
    .addOption(yesOption)
    .addOption(jsonOption)
    .action(async (kid: string, { yes, json }: Options, self: Command) => {
      requireTerminal(self, yes, 'revoke')
      await withOperator(async ({ keys }) => {
        const find = () => keys.list().find((key) => key.kid === kid)
        const key = find()
        if (key === undefined) throw new Refusal(`There is no key ${kid}. See: sallyport keys list`)
        if (key.state !== 'revoked') {
          if (!yes)
            await requireYes(
              `Revoke key ${kid} (${key.state})? All tokens that it has signed will be refused.`,
            )
          await keys.revoke(kid)
        }
        const revoked = find() ?? key
        if (json) return print(toJson(withIsoTimes(revoked)))
        if (key.state === 'revoked') return say(`Key ${kid} was revoked already, at ${time(key.revokedAt)}.`)
        const current = keys.list().find(({ state }) => state === 'signing')
        await say(
          `Key ${kid} is revoked: its tokens are refused everywhere. Key ${current?.kid} signs now, and users stay signed in.`,
        )
      })
    })
}
