import type { Command } from 'commander'
import { print, say } from '../../terminal/print.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { requireTerminal, requireYes, yesOption } from '../require-yes.ts'

/** `sallyport secret forget`: an old secret has leaked. */
export function secretForgetCommand() {
  return command('forget', 'After a leak: refuse everything that another secret than the first has made.', {
    examples: ['SALLYPORT_SECRET=new,old sallyport secret forget', 'sallyport secret forget --yes'],
    more: `Everybody is signed out: all sessions end, every access token is refused at once, all signing keys are revoked, and pending links
and mails are dropped. This cannot be undone. docs/operations.md says what to do before and after.`,
  })
    .addOption(yesOption)
    .addOption(jsonOption)
    .action(async ({ yes, json }: { yes?: boolean; json?: boolean }, self: Command) => {
      requireTerminal(self, yes, 'sign everybody out')
      await withOperator(async ({ secret }) => {
        if (!yes) await requireYes('Sign everybody out, revoke all signing keys and drop pending links?')
        const ended = await secret.forget()
        if (json) return print(toJson({ sessionsEnded: ended }))
        await say(
          `Ended ${ended} ${ended === 1 ? 'session' : 'sessions'}. All signing keys are new, and nothing that another secret has made is accepted. Set SALLYPORT_SECRET to the first one alone, and restart every server.`,
        )
      })
    })
}
