import type { StoredUser } from '../store/user.ts'

/** The name by which a mail may call a user; empty before they have proven that the address is theirs: somebody else may have typed it. */
export function nameInMail({ name, emailVerifiedAt }: Pick<StoredUser, 'name' | 'emailVerifiedAt'>): string {
  return emailVerifiedAt === null ? '' : name
}
