import { account } from '../../auth.ts'

/** Whether this installation shows its mails on a page instead of sending them. If nobody can tell: no. */
export async function hasInbox(): Promise<boolean> {
  return account.developmentInbox().then(
    (mails) => mails !== null,
    () => false,
  )
}
