import { field, flag, list, type Row, type Template, text, time, UnreadableRow } from './template.ts'

/** Adds the server's name of the hash format before a hash of another system. */
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
  ...('fields' in row && { fields: document('fields', row.fields) }),
  ...('identities' in row && { identities: document('identities', row.identities) }),
  ...('totp' in row && { totp: document('totp', row.totp) }),
  ...('recoveryCodes' in row && { recoveryCodes: document('recoveryCodes', row.recoveryCodes) }),
  ...('passkeys' in row && { passkeys: document('passkeys', row.passkeys) }),
})

/** Returns a value that is an object or a list, or in CSV a cell with JSON. */
function document(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (text(value) === null) return undefined
  try {
    return JSON.parse(value)
  } catch {
    throw new UnreadableRow(`${name}: This is not JSON.`)
  }
}

/** Removes an apostrophe that our export has added. In CSV, it is before text that a spreadsheet would read as a formula. */
function plain(value: unknown): string | null {
  return text(value)?.replace(/^'(?=[=+\-@\t\r])/, '') ?? null
}

/** The table `auth_user`. If a user has no usable password, Django writes a password that begins with `!`. */
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

/** An export by Auth0's support, which has hashes, or an export of Auth0's user import/export extension, which has none. */
const auth0: Template = (row) => ({
  email: field(row, 'email', 'Email'),
  name: text(field(row, 'name', 'Name', 'nickname')),
  emailVerified: flag(field(row, 'email_verified', 'Email Verified')),
  createdAt: time(field(row, 'created_at', 'Created At')),
  disabled: flag(field(row, 'blocked')),
  passwordHash: text(field(row, 'passwordHash', 'password_hash')),
})

/** An item of `users` in the output of `firebase auth:export`. Firebase uses rounds 8 and memory cost 14 for every project. */
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

/** Converts base64url to base64. Firebase writes both forms. */
function base64(value: unknown): string | null {
  return text(value)?.replaceAll('-', '+').replaceAll('_', '/') ?? null
}

/** A row with columns of the tables `user` and `account`. `password` comes from the account whose `providerId` is `credential`. */
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

/** Names of columns that apps add to NextAuth's table `User` to disable a user. */
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

/**
 * The rows of NextAuth's table `Account` that belong to a user. The names of the providers are those of our settings. The server refuses a
 * user with another name.
 */
function accounts(value: unknown): unknown {
  const list = document('accounts', value) ?? []
  if (!Array.isArray(list)) throw new UnreadableRow('accounts: This is not a list.')
  return list.map((account: unknown) => {
    if (typeof account !== 'object' || account === null)
      throw new UnreadableRow('accounts: An item is not an object.')
    const row = account as Row
    return {
      provider: text(field(row, 'provider')),
      subject: text(field(row, 'providerAccountId', 'provider_account_id')),
    }
  })
}

/** The table `User` of an adapter, with the password hash that the credentials provider uses. Most apps use bcrypt. */
const nextauth: Template = (row) => ({
  email: field(row, 'email'),
  name: text(field(row, 'name')),
  roles: list(field(row, 'role', 'roles')),
  // NextAuth stores the time of the verification. If the value is empty, the address is not verified. Rows with `false` are refused.
  emailVerified: time(field(row, 'emailVerified', 'email_verified')) !== null,
  createdAt: time(field(row, 'createdAt', 'created_at')),
  disabled:
    offColumns.some((column) => flag(row[column]) === true) ||
    onColumns.some((column) => flag(row[column]) === false) ||
    sinceColumns.some((column) => text(row[column]) !== null),
  passwordHash: text(field(row, 'password', 'passwordHash', 'hashedPassword', 'password_hash')),
  ...('accounts' in row && { identities: accounts(row.accounts) }),
})

/** All templates. The names are the values of the option `--from`. */
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

/** The possible names of the column with the email address, for each system. */
export const emailColumns: Record<TemplateName, readonly [string, ...string[]]> = {
  sallyport: ['email'],
  django: ['email'],
  'aspnet-identity': ['Email'],
  auth0: ['email', 'Email'],
  firebase: ['email'],
  'better-auth': ['email'],
  nextauth: ['email'],
}
