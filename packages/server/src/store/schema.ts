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
