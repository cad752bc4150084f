import type { Database } from '../store/database.ts'
import {
  addOneTimeToken,
  findOneTimeToken,
  type OneTimePurpose,
  type OneTimeTokenRow,
  takeOneTimeToken,
} from '../store/one-time-token.ts'
import { newOneTimeSecret, oneTimeHash } from '../tokens/one-time-secret.ts'
import type { Context } from './context.ts'
import { FlowError } from './flow-error.ts'

/** Minutes for which a link is valid. */
export const validMinutes = {
  sign_up: 24 * 60,
  verify_address: 24 * 60,
  reset_password: 60,
  change_address: 60,
  decoy: 60,
} as const satisfies Record<OneTimePurpose, number>

/** Creates the secret of a link, in the transaction that queues the mail with the link. Older links for the same purpose become invalid. */
export async function makeLink(
  { clock, randomBytes }: Pick<Context, 'clock' | 'randomBytes'>,
  transaction: Database,
  token: { purpose: OneTimePurpose; userId: string | null; email: string; details?: string },
): Promise<string> {
  const { secret, hash } = newOneTimeSecret(randomBytes)
  const createdAt = clock()
  const expiresAt = createdAt + validMinutes[token.purpose] * 60_000
  await addOneTimeToken(transaction, { details: null, ...token, hash, createdAt, expiresAt })
  return secret
}

/**
 * Returns the data of a link without using the link up.
 *
 * @throws FlowError `link_invalid`.
 */
export async function readLink(
  { database, clock }: Pick<Context, 'database' | 'clock'>,
  secret: string,
  purpose: OneTimePurpose,
): Promise<OneTimeTokenRow> {
  const hash = oneTimeHash(secret)
  const row = hash === null ? null : await findOneTimeToken(database, hash, purpose, clock())
  return row ?? dead()
}

/**
 * Uses up a link, in the transaction of the action that the link permits.
 *
 * @throws FlowError `link_invalid`.
 */
export async function spendLink(
  { clock }: Pick<Context, 'clock'>,
  transaction: Database,
  secret: string,
  purpose: OneTimePurpose,
): Promise<OneTimeTokenRow> {
  const hash = oneTimeHash(secret)
  const row = hash === null ? null : await takeOneTimeToken(transaction, hash, purpose, clock())
  return row ?? dead()
}

function dead(): never {
  throw new FlowError('link_invalid')
}
