import type { User } from '@sallyport/protocol'
import type { StoredUser } from '../store/user.ts'

/** The public shape of a user. */
export function toUser({ id, email, name, roles, emailVerifiedAt, createdAt }: StoredUser): User {
  return { id, email, name, roles, emailVerified: emailVerifiedAt !== null, createdAt }
}
