import { renderSVG } from 'uqr'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { addUnconfirmedTotp, listTotp } from '../../store/totp.ts'
import { lockUser } from '../../store/user.ts'
import { newTotpSecret, totpUri } from '../../tokens/totp.ts'

/** The maximum number of authenticator apps of a user. */
export const maxTotp = 10
/** Milliseconds in which the user must confirm a new authenticator app. */
export const unconfirmedTotpMs = 3_600_000

/** What the user needs to add the account to an authenticator app. */
export type NewTotp = {
  id: string
  /** The secret in base32, to type it into the app. */
  secret: string
  /** The same as an `otpauth:` address. */
  uri: string
  /** The address as a QR code: an SVG image. */
  qrCode: string
}

/**
 * Begins to set up an authenticator app. The app counts as a second factor only after `confirmTotp`. A user has at most one app that is not
 * confirmed, so a second call replaces the first one.
 *
 * @throws FlowError `invalid_request` when the user has ten apps already.
 */
export async function startTotp(
  { database, clock, newId, randomBytes, keyring, config }: Context,
  { id: userId, email }: { id: string; email: string },
  name = 'Authenticator app',
): Promise<NewTotp> {
  const id = newId()
  const now = clock()
  const secret = newTotpSecret(randomBytes)
  const sealedSecret = keyring.seal('totp', secret, id)
  await inTransaction(database, async (transaction) => {
    await lockUser(transaction, userId)
    if ((await listTotp(transaction, userId)).length >= maxTotp)
      throw new FlowError('invalid_request', {
        details: { detail: `A user can have ${maxTotp} authenticator apps. Remove one first.` },
      })
    await addUnconfirmedTotp(transaction, {
      id,
      userId,
      name,
      sealedSecret,
      createdAt: now,
      confirmedAt: null,
      lastStep: -1,
      lastUsedAt: null,
    })
  })
  const uri = totpUri({ secret, issuer: config.productName, account: email })
  return { id, secret, uri, qrCode: renderSVG(uri, { ecc: 'M', border: 4 }) }
}
