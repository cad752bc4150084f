import { field, flag, list, type Template, text, time, UnreadableRow } from './template.ts'

/** A hash as another system stores it, with the name by which the server knows its form. */
const named = (name: string, hash: string | null): string | null => hash && `${name}$${hash}`

/** What `sallyport users export` writes. */
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

/** A product's own fields: an object, or its text in a cell of CSV. */
function ownFields(value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (value === '') return undefined
  try {
    return JSON.parse(value)
  } catch {
    throw new UnreadableRow('fields: This is no JSON.')
  }
}

/** Without the apostrophe that our own CSV puts before what a spreadsheet would take for a formula. */
function plain(value: unknown): string | null {
  return text(value)?.replace(/^'(?=[=+\-@\t\r])/, '') ?? null
}

/** The table `auth_user`. A password that begins with ! is none: Django writes that where one cannot be used. */
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

/** The table `AspNetUsers`. Locked out is whoever has a `LockoutEnd` to come, unless `LockoutEnabled` says that it does not count. */
const aspnetIdentity: Template = (row, now = Date.now()) => ({
  email: field(row, 'Email'),
  name: text(field(row, 'FullName', 'DisplayName', 'Name')),
  emailVerified: flag(field(row, 'EmailConfirmed')),
  disabled:
    flag(field(row, 'LockoutEnabled')) !== false &&
    (time(field(row, 'LockoutEnd', 'LockoutEndDateUtc')) ?? 0) > now,
  passwordHash: named('aspnet', text(field(row, 'PasswordHash'))),
})

/** The export of Auth0's support, which holds the hashes, or of its user import/export extension, which does not. */
const auth0: Template = (row) => ({
  email: field(row, 'email', 'Email'),
  name: text(field(row, 'name', 'Name', 'nickname')),
  emailVerified: flag(field(row, 'email_verified', 'Email Verified')),
  createdAt: time(field(row, 'created_at', 'Created At')),
  disabled: flag(field(row, 'blocked')),
  passwordHash: text(field(row, 'passwordHash', 'password_hash')),
})

/** One of `users` of `firebase auth:export`. The numbers are the project's own; these are what Firebase gives to everybody. */
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

/** Firebase writes either alphabet. */
function base64(value: unknown): string | null {
  return text(value)?.replaceAll('-', '+').replaceAll('_', '/') ?? null
}

/** Its tables `user` and `account` in one row; `password` is of the account whose `providerId` is `credential`. */
const betterAuth: Template = (row, now = Date.now()) => ({
  email: field(row, 'email'),
  name: text(field(row, 'name')),
  roles: list(field(row, 'role')),
  emailVerified: flag(field(row, 'emailVerified', 'email_verified')),
  createdAt: time(field(row, 'createdAt', 'created_at')),
  // A ban without an end is for good.
  disabled:
    flag(field(row, 'banned')) === true &&
    (time(field(row, 'banExpires', 'ban_expires')) ?? Number.POSITIVE_INFINITY) > now,
  passwordHash: named('better-auth', text(field(row, 'password'))),
})

/** What people add to NextAuth's table `User` to keep somebody out. */
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

/** The table `User` of an adapter, with the password that the credentials provider was given: mostly bcrypt. */
const nextauth: Template = (row) => ({
  email: field(row, 'email'),
  name: text(field(row, 'name')),
  roles: list(field(row, 'role', 'roles')),
  // A time where it is proven, in NextAuth's own tables; `false` is none, and no proof.
  emailVerified: time(field(row, 'emailVerified', 'email_verified')) !== null,
  createdAt: time(field(row, 'createdAt', 'created_at')),
  disabled:
    offColumns.some((column) => flag(row[column]) === true) ||
    onColumns.some((column) => flag(row[column]) === false) ||
    sinceColumns.some((column) => text(row[column]) !== null),
  passwordHash: text(field(row, 'password', 'passwordHash', 'hashedPassword', 'password_hash')),
})

/** By the names of `--from`. */
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

/** Under which names the address stands in each system's export: a file has one of them. */
export const emailColumns: Record<TemplateName, readonly [string, ...string[]]> = {
  sallyport: ['email'],
  django: ['email'],
  'aspnet-identity': ['Email'],
  auth0: ['email', 'Email'],
  firebase: ['email'],
  'better-auth': ['email'],
  nextauth: ['email'],
}
