import type { Context } from '../../services/context.ts'
import { staleHours } from '../../services/mail-policy.ts'
import { dropAuditEvents } from '../../store/audit-event.ts'
import { dropExpiredInvitations } from '../../store/invitation.ts'
import { dropMail, dropUnsentMail } from '../../store/mail.ts'
import { dropExpiredMailedSignIns } from '../../store/mailed-sign-in.ts'
import { dropExpiredTokens } from '../../store/one-time-token.ts'
import { dropExpiredPendingSignIns } from '../../store/pending-sign-in.ts'
import { dropExpiredProviderStarts } from '../../store/provider-start.ts'
import { dropRevocations } from '../../store/revocation.ts'
import { dropSessions } from '../../store/session.ts'
import { dropThrottles } from '../../store/throttle.ts'
import { dropUnconfirmedTotp } from '../../store/totp.ts'
import { dropExpiredChallenges } from '../../store/webauthn-challenge.ts'
import { firstIdAt } from '../../tokens/id.ts'
import { unconfirmedTotpMs } from '../second-factor/start-totp.ts'

/**
 * Days for which an ended session and a finished mail stay stored. During this time, the server still recognises the tokens of the session.
 */
const keptDays = 30
const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Deletes expired rows in small steps, with a pause after each step, so that no request waits long. */
export async function purge({
  database,
  clock,
  config,
}: Pick<Context, 'database' | 'clock' | 'config'>): Promise<void> {
  const now = clock()
  while (await dropRevocations(database, now)) await breath()
  while (await dropSessions(database, now - keptDays * dayMs)) await breath()
  while (await dropExpiredTokens(database, now)) await breath()
  while (await dropExpiredPendingSignIns(database, now)) await breath()
  while (await dropUnconfirmedTotp(database, now - unconfirmedTotpMs)) await breath()
  while (await dropExpiredProviderStarts(database, now)) await breath()
  while (await dropExpiredChallenges(database, now)) await breath()
  while (await dropExpiredMailedSignIns(database, now)) await breath()
  while (await dropExpiredInvitations(database, now)) await breath()
  while (await dropThrottles(database, now)) await breath()
  while (await dropMail(database, now - keptDays * dayMs)) await breath()
  // If a mail server is configured, the mailer itself drops mails that have waited too long, and logs this.
  if (config.smtpUrl === undefined)
    while (await dropUnsentMail(database, now - staleHours * hourMs)) await breath()
  const retained = firstIdAt(now - config.auditRetentionDays * dayMs)
  while (await dropAuditEvents(database, retained)) await breath()
}

function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
