import type { Command } from 'commander'
import { print, say } from '../../terminal/print.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { requireTerminal, requireYes, yesOption } from '../require-yes.ts'

/** `sallyport secret forget`: makes everything invalid that depends on an old, leaked secret. */
export function secretForgetCommand() {
  return command(
    'forget',
    'After a leak: refuse everything that was made with a secret other than the first.',
    {
      examples: ['SALLYPORT_SECRET=new,old sallyport secret forget', 'sallyport secret forget --yes'],
      more: `All users are signed out: all sessions end, every access token is refused immediately, all signing keys are revoked, and
pending links and mails are deleted. This cannot be undone. For the steps before and after, see docs/operations.md.`,
    },
  )
    .addOption(yesOption)
    .addOption(jsonOption)
    .action(async ({ yes, json }: { yes?: boolean; json?: boolean }, self: Command) => {
      requireTerminal(self, yes, 'sign all users out')
      await withOperator(async ({ secret }) => {
        if (!yes) await requireYes('Sign all users out, revoke all signing keys and delete pending links?')
        const ended = await secret.forget()
        if (json) return print(toJson({ sessionsEnded: ended }))
        await say(
          `Ended ${ended} ${ended === 1 ? 'session' : 'sessions'}. All signing keys are new, and nothing that was made with another secret is accepted. Set SALLYPORT_SECRET to the first secret only, and restart every server.`,
        )
      })
    })
}
