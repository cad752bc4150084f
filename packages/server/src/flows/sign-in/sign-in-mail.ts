import { describeDevice } from '../../mail/device-name.ts'
import { askedBy } from '../../services/asked-by.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { makeLink } from '../../services/one-time-link.ts'
import { consumeQuota } from '../../services/throttles.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { addMailedSignIn } from '../../store/mailed-sign-in.ts'
import { findUserByEmail } from '../../store/user.ts'
import { newOneTimeSecret } from '../../tokens/one-time-secret.ts'
import { codeMacOf, newSignInCode } from '../../tokens/sign-in-code.ts'
import { knowsDevice } from '../session/devices.ts'
import { mailPendingSignUp } from './pending-sign-up.ts'

/** Minutes for which a mailed code and link are valid. */
export const mailedSignInMinutes = 10
/** How many codes can be tried after one request for a mail. */
const codeTries = 5

/**
 * Mails a code and a link to sign in if the address has an account. Returns the handle with which the same browser can send the code. The
 * work and the response are the same for every address. If the address waits for the verification of a sign-up, that mail is sent again.
 */
export async function askForSignInMail(
  context: Context,
  email: string | null,
  source: RequestSource,
): Promise<{ handle: string; expiresIn: number }> {
  const { clock, database, keyring, mailer, newId, randomBytes } = context
  // A browser that has signed in to the account before has its own quota, as for a password reset.
  const known = email === null || source.device === null ? null : await findUserByEmail(database, email)
  const isKnownDevice = await knowsDevice(context, known?.id ?? null, source)
  await consumeQuota(context, 'mail', source, email ?? newId(), { isKnownDevice })
  const { secret: handle, hash } = newOneTimeSecret(randomBytes)
  const { secret: token, hash: linkHash } = newOneTimeSecret(randomBytes)
  const code = newSignInCode(randomBytes)
  const [key] = keyring.macKeys('sign-in code')
  if (key === undefined) throw new TypeError('There is no key for codes.')
  const createdAt = clock()
  await inTransaction(database, async (transaction) => {
    const found = email === null ? null : await findUserByEmail(transaction, email)
    const user = found?.disabledAt === null ? found : null
    // Store a row for every address, so that wrong codes get the same responses.
    await addMailedSignIn(transaction, {
      hash,
      linkHash,
      codeMac: codeMacOf(key, hash, code),
      userId: user?.id ?? null,
      email: user?.email ?? email ?? '',
      triesLeft: codeTries,
      version: user?.version ?? 0,
      device: describeDevice(source.userAgent),
      createdAt,
      expiresAt: createdAt + mailedSignInMinutes * 60_000,
    })
    const isPending =
      found === null && email !== null && (await mailPendingSignUp(context, transaction, email, source))
    if (!isPending) {
      await makeLink(context, transaction, { purpose: 'decoy', userId: null, email: email ?? '' })
      if (user === null) await mailer.queueDecoy(transaction)
      else
        await mailer.queue(transaction, user.email, 'sign_in', {
          ...askedBy(context, source),
          name: nameInMail(user),
          code,
          token,
          validMinutes: mailedSignInMinutes,
        })
    }
    await recordAuditEvent(context, transaction, source, {
      action: 'sign_in_mail_asked',
      userId: user?.id ?? null,
      actor: 'nobody',
    })
  })
  mailer.wake()
  return { handle, expiresIn: mailedSignInMinutes * 60 }
}
