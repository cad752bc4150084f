import { field, flag, list, type Template, text, time, UnreadableRow } from './template.ts'

/** Prefixes the hash of another system with the server's name for its format. */
const named = (name: string, hash: string | null): string | null => hash && `${name}$${hash}`

/** The format of `sallyport users export`. */
const sallyport: Template = (row) => ({
  email: plain(field(row, 'email')),
  name: plain(field(row, 'name')),
  roles: list(field(row, 'roles')),
  emailVerified: flag(field(row, 'emailVerified')),
  createdAt: time(field(row, 'createdAt')),
  disabled: flag(field(row, 'disabled')),
  passwordHash: text(field(row, 'passwordHash')),
  ...('fields' in row && { fields: ownFields(row.fields) }),
})

/** Parses the product's own fields: an object, or JSON in a CSV cell. */
function ownFields(value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (value === '') return undefined
  try {
    return JSON.parse(value)
  } catch {
    throw new UnreadableRow('fields: This is not JSON.')
  }
}

/** Removes the apostrophe that our own CSV puts before text that a spreadsheet would read as a formula. */
function plain(value: unknown): string | null {
  return text(value)?.replace(/^'(?=[=+\-@\t\r])/, '') ?? null
}

/** The table `auth_user`. Django writes a password that begins with `!` for users without a usable password. */
const django: Template = (row) => {
  const password = text(field(row, 'password'))
  const names = [text(field(row, 'first_name')), text(field(row, 'last_name'))].filter(Boolean)
  return {
    email: field(row, 'email'),
    name: names.join(' ') || text(field(row, 'username')),
    createdAt: time(field(row, 'date_joined')),
    disabled: flag(field(row, 'is_active')) === false,
    passwordHash: password?.startsWith('!') ? null : password,
  }
}

/** The table `AspNetUsers`. A user with a `LockoutEnd` in the future is locked out, unless `LockoutEnabled` is false. */
const aspnetIdentity: Template = (row, now = Date.now()) => ({
  email: field(row, 'Email'),
  name: text(field(row, 'FullName', 'DisplayName', 'Name')),
  emailVerified: flag(field(row, 'EmailConfirmed')),
  disabled:
    flag(field(row, 'LockoutEnabled')) !== false &&
    (time(field(row, 'LockoutEnd', 'LockoutEndDateUtc')) ?? 0) > now,
  passwordHash: named('aspnet', text(field(row, 'PasswordHash'))),
})

/** The export of Auth0's support, with hashes, or of its user import/export extension, without hashes. */
const auth0: Template = (row) => ({
  email: field(row, 'email', 'Email'),
  name: text(field(row, 'name', 'Name', 'nickname')),
  emailVerified: flag(field(row, 'email_verified', 'Email Verified')),
  createdAt: time(field(row, 'created_at', 'Created At')),
  disabled: flag(field(row, 'blocked')),
  passwordHash: text(field(row, 'passwordHash', 'password_hash')),
})

/** An item of `users` of `firebase auth:export`. Rounds 8 and memory cost 14 are Firebase's values for every project. */
const firebase: Template = (row) => {
  const hash = base64(row.passwordHash)
  const salt = base64(row.salt ?? row.passwordSalt)
  if (hash !== null && salt === null) throw new UnreadableRow('There is a hash without a salt.')
  return {
    email: row.email,
    name: text(row.displayName),
    emailVerified: flag(row.emailVerified),
    createdAt: time(row.createdAt),
    disabled: flag(row.disabled),
    passwordHash: hash && `firebase$8$14$${salt}$${hash}`,
  }
}

/** Firebase writes base64 or base64url. */
function base64(value: unknown): string | null {
  return text(value)?.replaceAll('-', '+').replaceAll('_', '/') ?? null
}

/** The tables `user` and `account` in one row; `password` is from the account with the `providerId` `credential`. */
const betterAuth: Template = (row, now = Date.now()) => ({
  email: field(row, 'email'),
  name: text(field(row, 'name')),
  roles: list(field(row, 'role')),
  emailVerified: flag(field(row, 'emailVerified', 'email_verified')),
  createdAt: time(field(row, 'createdAt', 'created_at')),
  // A ban without an end is permanent.
  disabled:
    flag(field(row, 'banned')) === true &&
    (time(field(row, 'banExpires', 'ban_expires')) ?? Number.POSITIVE_INFINITY) > now,
  passwordHash: named('better-auth', text(field(row, 'password'))),
})

/** Columns that products add to NextAuth's table `User` to disable a user. */
const offColumns = [
  'disabled',
  'isDisabled',
  'is_disabled',
  'banned',
  'isBanned',
  'is_banned',
  'blocked',
  'isBlocked',
  'is_blocked',
  'suspended',
  'isSuspended',
  'is_suspended',
]
const onColumns = ['active', 'isActive', 'is_active', 'enabled', 'isEnabled', 'is_enabled']
const sinceColumns = [
  'deletedAt',
  'deleted_at',
  'disabledAt',
  'disabled_at',
  'bannedAt',
  'banned_at',
  'suspendedAt',
  'suspended_at',
]

/** The table `User` of an adapter, with the password hash of the credentials provider: mostly bcrypt. */
const nextauth: Template = (row) => ({
  email: field(row, 'email'),
  name: text(field(row, 'name')),
  roles: list(field(row, 'role', 'roles')),
  // NextAuth stores the time of the verification. `false` is not a time, so not verified.
  emailVerified: time(field(row, 'emailVerified', 'email_verified')) !== null,
  createdAt: time(field(row, 'createdAt', 'created_at')),
  disabled:
    offColumns.some((column) => flag(row[column]) === true) ||
    onColumns.some((column) => flag(row[column]) === false) ||
    sinceColumns.some((column) => text(row[column]) !== null),
  passwordHash: text(field(row, 'password', 'passwordHash', 'hashedPassword', 'password_hash')),
})

/** The templates by the value of `--from`. */
export const templates = {
  sallyport,
  django,
  'aspnet-identity': aspnetIdentity,
  auth0,
  firebase,
  'better-auth': betterAuth,
  nextauth,
} as const satisfies Record<string, Template>

export type TemplateName = keyof typeof templates

/** The possible column names of the address in each system's export. */
export const emailColumns: Record<TemplateName, readonly [string, ...string[]]> = {
  sallyport: ['email'],
  django: ['email'],
  'aspnet-identity': ['Email'],
  auth0: ['email', 'Email'],
  firebase: ['email'],
  'better-auth': ['email'],
  nextauth: ['email'],
}
