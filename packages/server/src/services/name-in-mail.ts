import type { StoredUser } from '../store/user.ts'

/**
 * Returns the user's name for the templates of mails, which remove its unsafe parts. Before the address is verified, returns an empty text,
 * because somebody else may have entered the name.
 */
export function nameInMail({ name, emailVerifiedAt }: Pick<StoredUser, 'name' | 'emailVerifiedAt'>): string {
  return emailVerifiedAt === null ? '' : name
}
