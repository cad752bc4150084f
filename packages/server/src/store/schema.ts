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
  /** Since when nobody may sign in as this user; null while everything is well. */
  disabledAt: number | null
  /** Since when the address is known to be theirs; null until it has been proven. */
  emailVerifiedAt: number | null
  /** When the account goes, at its owner's wish; null while it stays. */
  deleteAt: number | null
  /** What the product's own fields hold, as JSON; null for none. */
  fields: string | null
}

export type SessionRow = {
  id: string
  userId: string
  /** base64url; the refresh tokens of this session are made under a key derived from it and the server's secret. */
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
  /** The idle time that was set when it was last used; null where a version that did not write it has opened it. */
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
  /** From when on it signs; before that it is published only. */
  activeAt: number
  /** Set once no token of its can be alive: the private part is gone then. */
  retiredAt: number | null
  /** Set when it was declared compromised: its tokens are refused from then on. */
  revokedAt: number | null
}

/** What a mailed secret opens, and nothing else. `decoy` opens nothing: it is made where work must look the same. */
export type OneTimePurpose = 'sign_up' | 'verify_address' | 'reset_password' | 'change_address' | 'decoy'

/** A secret that was mailed to somebody; only its hash is here. It is gone once used. */
export type OneTimeTokenRow = {
  /** SHA-256, base64url: the secret has 256 bits, so nothing slower is needed (ASVS 6.5.2). */
  hash: string
  purpose: OneTimePurpose
  /** Null while there is no account yet. */
  userId: string | null
  /** The address it was sent to, and that it proves. */
  email: string
  /** What the account shall be made of; sealed. */
  details: string | null
  createdAt: number
  expiresAt: number
}

/** A mail that is to be sent, or was. */
export type MailRow = {
  id: string
  recipient: string
  template: string
  /** What the template is filled with; sealed, since a link opens an account. Emptied once sent. */
  details: string
  state: 'due' | 'sent' | 'dead'
  attempts: number
  createdAt: number
  /** Not before this; set ahead while a worker has it in hand. */
  dueAt: number
  finishedAt: number | null
  lastError: string | null
}

/** One line of the trail; only ever added, and dropped at the end of its retention. */
export type AuditEventRow = {
  /** UUIDv7: in the order of time. */
  id: string
  at: number
  action: string
  result: 'success' | 'refused'
  /** Who did it: a user's id, `operator`, or null for nobody known. */
  actor: string | null
  /** Whose account it is about. */
  userId: string | null
  sessionId: string | null
  address: string | null
  userAgent: string | null
  requestId: string | null
  details: string | null
}

/** A user who has signed up, and of whom the product has not been told yet. */
export type PendingHookRow = {
  userId: string
  attempts: number
  /** Not before this; set ahead while a process has it in hand. */
  dueAt: number
}

/** How often something was tried: under a key that holds no address and no name. */
export type ThrottleRow = {
  key: string
  count: number
  /** When the count begins anew. */
  until: number
  /** Until when the next try has to wait; 0 where there is no wait. */
  blockedUntil: number
  /** Which request began the last try that was let through. */
  lastBy: string
}

/** A secret that this database has been used with, by an id that does not tell it. */
export type SecretRow = {
  id: string
  /** When it was first used here. */
  createdAt: number
  /** When a process last had it as the one that makes new things; to the minute. */
  usedAt: number
  /** The keys derived from it, sealed under another: then it need not be set any more. Null before. */
  formerKeys: string | null
  /** When those were stored. */
  carriedAt: number | null
}
