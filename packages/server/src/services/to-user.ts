import type { User } from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import type { StoredUser } from '../store/user.ts'

/** Returns a user in the form that responses contain. It includes the declared fields that are not hidden. */
export function toUser({ userFields }: Pick<Config, 'userFields'>, user: StoredUser): User {
  const { id, email, name, roles, emailVerifiedAt, createdAt, fields } = user
  const known = { id, email, name, roles, emailVerified: emailVerifiedAt !== null, createdAt }
  return userFields.isEmpty ? known : { ...known, fields: userFields.visible(fields) }
}
