import type { Command } from 'commander'
import { print, say } from '../../terminal/print.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { Refusal } from '../refusal.ts'
import { requireTerminal, requireYes, yesOption } from '../require-yes.ts'
import { requireUser } from '../users/require-user.ts'

type Options = { user?: string; all?: boolean; yes?: boolean; json?: boolean }

/** `sallyport sessions revoke`: ends one session, all sessions of a user, or all sessions. */
export function sessionsRevokeCommand() {
  return command(
    'revoke',
    'End a session, all sessions of a user, or all sessions. They are refused everywhere within milliseconds.',
    {
      examples: [
        'sallyport sessions revoke 019ab02e-9d3c-7f4e-8a51-6f0f4f6a2c11',
        'sallyport sessions revoke --user ada@example.com',
        'sallyport sessions revoke --all',
      ],
      more: `A user who has the password can sign in again. To prevent that, run: sallyport users disable
--all signs all users out, revokes every signing key, and deletes pending links and mails.`,
    },
  )
    .argument('[session-id]', 'the id of the session, as `sessions list` shows it')
    .option('--user <id|email>', 'all sessions of this user')
    .option('--all', 'all sessions of all users')
    .addOption(yesOption)
    .addOption(jsonOption)
    .action(
      async (sessionId: string | undefined, { user: idOrEmail, all, yes, json }: Options, self: Command) => {
        if ([sessionId, idOrEmail, all].filter((word) => word !== undefined).length !== 1)
          self.error(
            'error: give one session id, or --user for all sessions of a user, or --all for all sessions',
          )
        if (all) requireTerminal(self, yes, 'end all sessions')
        await withOperator(async (operator) => {
          if (sessionId !== undefined) {
            if (!(await operator.sessions.revoke(sessionId)))
              throw new Refusal(`There is no session ${sessionId}. See: sallyport sessions list <id|email>`)
            return json ? print(toJson({ sessionId, ended: true })) : say(`Session ${sessionId} has ended.`)
          }
          if (all) {
            if (!yes) await requireYes('Sign all users out?')
            const ended = await operator.sessions.revokeEverybody()
            return json
              ? print(toJson({ ended }))
              : say(`Ended ${ended === 1 ? '1 session' : `${ended} sessions`}. All users must sign in again.`)
          }
          const user = await requireUser(operator, idOrEmail ?? '')
          const ended = await operator.sessions.revokeAll(user.id)
          const count = ended === 1 ? '1 session' : `${ended} sessions`
          await (json ? print(toJson({ userId: user.id, ended })) : say(`Ended ${count} of ${user.email}.`))
        })
      },
    )
}
