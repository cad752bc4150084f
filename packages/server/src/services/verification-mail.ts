import type { Database } from '../store/database.ts'
import type { StoredUser } from '../store/user.ts'
import { askedBy } from './asked-by.ts'
import type { Context, RequestSource } from './context.ts'
import { makeLink, validMinutes } from './one-time-link.ts'

/** Mails a link to a user who has an account. The link verifies the address of the user. */
export async function sendVerification(
  context: Context,
  transaction: Database,
  { email, id: userId }: StoredUser,
  source: RequestSource,
): Promise<void> {
  const token = await makeLink(context, transaction, { purpose: 'verify_address', userId, email })
  await context.mailer.queue(transaction, email, 'verify_address', {
    ...askedBy(context, source),
    token,
    validMinutes: validMinutes.verify_address,
  })
}
