import type { StoredUser } from '../store/user.ts'

/** Returns the user's name for a mail; empty before the address is verified, because somebody else may have entered it. */
export function nameInMail({ name, emailVerifiedAt }: Pick<StoredUser, 'name' | 'emailVerifiedAt'>): string {
  return emailVerifiedAt === null ? '' : name
}
