import type { Generated } from 'kysely'

/** The tables. Ids are UUIDv7, times integer milliseconds UTC, lists JSON text: the same on SQLite and PostgreSQL. */
export type Schema = {
  user: UserRow
  credential: { userId: string; kind: 'password'; secret: string; createdAt: number; changedAt: number }
  session: SessionRow
  signing_key: SigningKeyRow
  revocation: {
    seq: Generated<number>
    sid: string | null
    sub: string | null
    minVersion: number | null
    kid: string | null
    until: number
  }
  one_time_token: OneTimeTokenRow
  mail: MailRow
  audit_event: AuditEventRow
  throttle: ThrottleRow
  pending_hook: PendingHookRow
  secret: SecretRow
  known_device: { userId: string; hash: string; createdAt: number; seenAt: number }
}

export type UserRow = {
  id: string
  email: string
  name: string
  roles: string
  version: number
  createdAt: number
  updatedAt: number
  signedInAt: number | null
  /** Since when the user is disabled; null if they are not. */
  disabledAt: number | null
  /** When the address was verified; null before. */
  emailVerifiedAt: number | null
  /** When the account will be deleted, as requested by its user; null if it was not requested. */
  deleteAt: number | null
  /** The values of the product's own fields, as JSON; null for none. */
  fields: string | null
}

export type SessionRow = {
  id: string
  userId: string
  /** The salt of the session's refresh tokens, base64url. Their MAC uses it and the server's secret. */
  salt: string
  generation: number
  parentBranch: number
  branches: number
  openedAt: number
  methods: string
  authenticatedAt: number
  createdAt: number
  lastUsedAt: number
  expiresAt: number
  endedAt: number | null
  endReason: string | null
  /** The idle time in seconds that was set when it was last used; null if only older versions have used it. */
  idleSeconds: number | null
  address: string | null
  userAgent: string | null
}

export type SigningKeyRow = {
  kid: string
  algorithm: string
  publicJwk: string
  /** The private key, encrypted under the server's secret. */
  sealedPrivateKey: string
  createdAt: number
  /** From when on the key signs. Before that it is only published. */
  activeAt: number
  /** Set when all tokens of the key have expired. Its private key is deleted then. */
  retiredAt: number | null
  /** Set when the key was declared compromised. Its tokens are refused from then on. */
  revokedAt: number | null
}

/** The only purpose of a mailed secret. A `decoy` has none: it is created where the work must look the same. */
export type OneTimePurpose = 'sign_up' | 'verify_address' | 'reset_password' | 'change_address' | 'decoy'

/** A mailed secret, of which only the hash is stored. The row is deleted when it is used. */
export type OneTimeTokenRow = {
  /** SHA-256, base64url. The secret has 256 bits, so no slower hash is needed (ASVS 6.5.2). */
  hash: string
  purpose: OneTimePurpose
  /** The user; null before the account exists. */
  userId: string | null
  /** The address that it was sent to and that it verifies. */
  email: string
  /** The data of the account to create, sealed. */
  details: string | null
  createdAt: number
  expiresAt: number
}

/** A mail that is queued or was sent. */
export type MailRow = {
  id: string
  recipient: string
  template: string
  /** The data of the template, sealed because it may hold a link. Emptied once sent. */
  details: string
  state: 'due' | 'sent' | 'dead'
  attempts: number
  createdAt: number
  /** When the mail is due. Set to a later time while a worker has it reserved. */
  dueAt: number
  finishedAt: number | null
  lastError: string | null
}

/** One audit event. Never changed except to remove personal data, and deleted at the end of its retention. */
export type AuditEventRow = {
  /** A UUIDv7, so in the order of time. */
  id: string
  at: number
  action: string
  result: 'success' | 'refused'
  /** Who acted: a user's id, `operator`, or null if unknown. */
  actor: string | null
  /** The user concerned. */
  userId: string | null
  sessionId: string | null
  address: string | null
  userAgent: string | null
  requestId: string | null
  details: string | null
}

/** A user who has signed up and for whom `afterSignUp` has not been called yet. */
export type PendingHookRow = {
  userId: string
  attempts: number
  /** When the call is due. Set to a later time while a process has it reserved. */
  dueAt: number
}

/** The count of a throttle, under a hashed key without address or name. */
export type ThrottleRow = {
  key: string
  count: number
  /** When the window ends and the count begins again. */
  until: number
  /** Until when the next try must wait; 0 if there is no wait. */
  blockedUntil: number
  /** The request of the last accepted try. */
  lastBy: string
}

/** A secret that this database has been used with, by an id that does not reveal it. */
export type SecretRow = {
  id: string
  /** When it was first used with this database. */
  createdAt: number
  /** When a process last used it as its first secret, to the minute. */
  usedAt: number
  /** The keys derived from it, sealed under another secret, so that it can be removed from the settings. Null before. */
  formerKeys: string | null
  /** When those keys were stored. */
  carriedAt: number | null
}
