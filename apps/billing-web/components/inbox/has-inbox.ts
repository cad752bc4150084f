import { account } from '../../auth.ts'

/**
 * Returns whether this installation shows its mails on a page instead of sending them. If the auth server does not respond, returns false.
 */
export async function hasInbox(): Promise<boolean> {
  return account.developmentInbox().then(
    (mails) => mails !== null,
    () => false,
  )
}
