import type { Command } from 'commander'
import { print, say } from '../../terminal/print.ts'
import { toJson } from '../../terminal/visible.ts'
import { command, jsonOption } from '../command.ts'
import { withOperator } from '../open-sallyport.ts'
import { Refusal } from '../refusal.ts'
import { requireUser } from '../users/require-user.ts'

type Options = { user?: string; json?: boolean }

/** `sallyport sessions revoke`: ends one session, or all of a user. */
export function sessionsRevokeCommand() {
  return command('revoke', 'End a session, or all of a user: refused everywhere within milliseconds.', {
    examples: [
      'sallyport sessions revoke 019ab02e-9d3c-7f4e-8a51-6f0f4f6a2c11',
      'sallyport sessions revoke --user ada@example.com',
    ],
    more: 'Whoever has the password can sign in again; to keep somebody out: sallyport users disable',
  })
    .argument('[session-id]', 'which, as `sessions list` shows it')
    .option('--user <id|email>', 'all sessions of this user')
    .addOption(jsonOption)
    .action(async (sessionId: string | undefined, { user: idOrEmail, json }: Options, self: Command) => {
      if ((sessionId === undefined) === (idOrEmail === undefined))
        self.error('error: name one session, or all of a user with --user')
      await withOperator(async (operator) => {
        if (sessionId !== undefined) {
          if (!(await operator.sessions.revoke(sessionId)))
            throw new Refusal(`There is no session ${sessionId}. See: sallyport sessions list <id|email>`)
          return json ? print(toJson({ sessionId, ended: true })) : say(`Session ${sessionId} has ended.`)
        }
        const user = await requireUser(operator, idOrEmail ?? '')
        const ended = await operator.sessions.revokeAll(user.id)
        const count = ended === 1 ? '1 session' : `${ended} sessions`
        await (json ? print(toJson({ userId: user.id, ended })) : say(`Ended ${count} of ${user.email}.`))
      })
    })
}
