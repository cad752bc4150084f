import type { ErrorCode } from '@sallyport/protocol'
import type { MailedSignIn } from '@sallyport/protocol/endpoints'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError, isRefusal } from '../../services/flow-error.ts'
import {
  type Attempt,
  beginMailedCodeTry,
  consumeQuota,
  forgetMailedCodeTries,
} from '../../services/throttles.ts'
import {
  findMailedLink,
  findMailedSignIn,
  type MailedSignInRow,
  takeMailedSignIn,
  tryMailedSignIn,
} from '../../store/mailed-sign-in.ts'
import { findUserById, type StoredUser } from '../../store/user.ts'
import { oneTimeHash } from '../../tokens/one-time-secret.ts'
import { isCodeOf } from '../../tokens/sign-in-code.ts'
import { knowsDevice } from '../session/devices.ts'
import { proveAddress } from './first-proof.ts'
import { beginSession, type SignInResult } from './gate.ts'
import { countOutcome } from './sign-in-outcome.ts'

/**
 * Signs in with a mailed code. `handle` is the secret of the browser that requested the mail: without it, no code works. Each request uses
 * up one of the tries of that mail.
 *
 * @throws FlowError `sign_in_mail_expired`, `too_many_requests`; `invalid_request` when the code is wrong and tries are left.
 */
export function signInWithMailedCode(
  context: Context,
  { code, handle }: { code: string; handle: string | null },
  source: RequestSource,
): Promise<SignInResult> {
  return countOutcome(context.metrics.countSignIn, source, async () => {
    const { clock, database } = context
    const hash = handle === null ? null : oneTimeHash(handle)
    const asked = hash === null ? null : await findMailedSignIn(database, hash, clock())
    if (asked === null) throw new FlowError('sign_in_mail_expired')
    const isKnownDevice = await knowsDevice(context, asked.userId, source)
    const attempt = await beginMailedCodeTry(
      context,
      { email: asked.email || asked.hash, isKnownDevice },
      source,
    )
    try {
      const row = await tryMailedSignIn(database, asked.hash, clock())
      if (row === null) {
        // The code was not checked, so this was no wrong code of the account.
        await attempt.refund()
        throw new FlowError('sign_in_mail_expired')
      }
      const { keyring } = context
      if (!isCodeOf(keyring.macKeys('sign-in code'), row.codeMac, { handleHash: row.hash, code }))
        return await refuse(context, row, source)
      return await finish(context, row, source, 'sign_in_mail_expired', attempt)
    } catch (error) {
      // An error of the server does not mean that the code was wrong, so the try is removed from the count of the account.
      if (!isRefusal(error)) await attempt.refund().catch(() => {})
      throw error
    }
  })
}

/**
 * Describes the sign-in that a mailed link confirms. Uses nothing up, so mail scanners may do this. `handle` is the secret of the browser,
 * if it has one.
 *
 * @throws FlowError `link_invalid`, `too_many_requests`.
 */
export async function describeMailedSignIn(
  context: Context,
  { token, handle }: { token: string; handle: string | null },
  source: RequestSource,
): Promise<MailedSignIn> {
  await consumeQuota(context, 'link', source)
  const row = await readMailedLink(context, token)
  await requireUser(context, row, 'link_invalid')
  return {
    email: row.email,
    requestedAt: row.createdAt,
    device: row.device,
    sameBrowser: handle !== null && oneTimeHash(handle) === row.hash,
  }
}

/**
 * Signs in with a mailed link, in any browser. A page calls this only after a click.
 *
 * @throws FlowError `link_invalid`, `too_many_requests`.
 */
export function confirmMailedSignIn(
  context: Context,
  { token }: { token: string },
  source: RequestSource,
): Promise<SignInResult> {
  return countOutcome(context.metrics.countSignIn, source, async () => {
    await consumeQuota(context, 'link', source)
    return finish(context, await readMailedLink(context, token), source, 'link_invalid')
  })
}

async function readMailedLink({ clock, database }: Context, token: string): Promise<MailedSignInRow> {
  const linkHash = oneTimeHash(token)
  const row = linkHash === null ? null : await findMailedLink(database, linkHash, clock())
  if (row === null) throw new FlowError('link_invalid')
  return row
}

/**
 * Opens a session, or a pending sign-in, after the code or the link was right. The row is deleted in the same transaction, so only one of
 * several concurrent requests succeeds, and if the session cannot be opened now, the code or the link still works.
 */
async function finish(
  context: Context,
  row: MailedSignInRow,
  source: RequestSource,
  dead: ErrorCode,
  attempt?: Attempt,
): Promise<SignInResult> {
  const found = await requireUser(context, row, dead)
  const user = found.emailVerifiedAt === null ? await proveAddress(context, found, row.hash, source) : found
  if (user === null) throw new FlowError(dead)
  const proof = { methods: ['otp'], unchanged: { version: user.version } }
  const result = await beginSession(context, user, proof, source, {
    async reset(transaction) {
      if (!(await takeMailedSignIn(transaction, row.hash))) throw new FlowError(dead)
      await (attempt?.reset(transaction) ?? forgetMailedCodeTries(context, transaction, row.email))
    },
  })
  if (result === null) throw new FlowError(dead)
  return result
}

/**
 * Returns the user of a code or a link. The version of the user changes when the password changes, when all sessions end and when the
 * account is disabled, so older codes and links end then.
 *
 * @throws FlowError with the given code when the code or the link is no longer valid.
 */
async function requireUser(
  { database }: Context,
  { userId, email, version }: MailedSignInRow,
  dead: ErrorCode,
): Promise<StoredUser> {
  const user = userId === null ? null : await findUserById(database, userId)
  if (user === null || user.disabledAt !== null || user.email !== email || user.version !== version)
    throw new FlowError(dead)
  return user
}

/** Records a wrong code in the audit log. This also happens if the address has no account, so that the response time does not show this. */
async function refuse(
  context: Context,
  { userId, triesLeft }: MailedSignInRow,
  source: RequestSource,
): Promise<never> {
  await recordAuditEvent(context, context.database, source, {
    action: 'sign_in',
    result: 'refused',
    userId,
    actor: 'nobody',
    details: { reason: 'code' },
  })
  if (triesLeft === 0)
    throw new FlowError('sign_in_mail_expired', {
      reason: 'the last try was wrong',
      details: { detail: 'There were too many wrong codes. Ask for a new mail.' },
    })
  const left = triesLeft === 1 ? 'You can try once more.' : `You can try ${triesLeft} more times.`
  const errors = [{ field: 'code', message: `This is not the code in the mail. ${left}` }]
  throw new FlowError('invalid_request', { reason: 'wrong code', details: { errors } })
}
