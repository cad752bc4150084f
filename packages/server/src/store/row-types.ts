import type { Generated } from 'kysely'
import type { FormerSlugRow, InvitationRow, MembershipRow, OrganizationRow } from './organization-rows.ts'

/**
 * The tables of the database. Ids are UUIDv7. Times are integer milliseconds, UTC. Lists are stored as JSON text. All this is the same on
 * SQLite and PostgreSQL.
 */
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
    org: string | null
    until: number
  }
  one_time_token: OneTimeTokenRow
  mail: MailRow
  audit_event: AuditEventRow
  throttle: ThrottleRow
  pending_hook: PendingHookRow
  secret: SecretRow
  known_device: KnownDeviceRow
  pending_sign_in: PendingSignInRow
  totp: TotpRow
  factor_removal: FactorRemovalRow
  recovery_code: RecoveryCodeRow
  identity: IdentityRow
  provider_token: ProviderTokenRow
  provider_start: ProviderStartRow
  passkey: PasskeyRow
  webauthn_challenge: WebauthnChallengeRow
  mailed_sign_in: MailedSignInRow
  organization: OrganizationRow
  former_slug: FormerSlugRow
  membership: MembershipRow
  invitation: InvitationRow
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
  /** When the user was disabled. Null if they are not disabled. */
  disabledAt: number | null
  /** When the address was verified. Null if it is not verified. */
  emailVerifiedAt: number | null
  /** When the account will be deleted. Null if the user has not requested this. */
  deleteAt: number | null
  /** The values of the user fields that the app has declared, as JSON. Null if there are none. */
  fields: string | null
}

export type SessionRow = {
  id: string
  userId: string
  /** The salt of the session's refresh tokens, base64url. The MAC of the tokens is made with this salt and the server's secret. */
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
  /** The idle time in seconds that was set when the session was last used. Null if only older versions have used the session. */
  idleSeconds: number | null
  address: string | null
  userAgent: string | null
}

export type SigningKeyRow = {
  kid: string
  algorithm: string
  publicJwk: string
  /** The private key, encrypted with a key that is derived from the server's secret. */
  sealedPrivateKey: string
  createdAt: number
  /** When the key begins to sign. Before that, it is only published. */
  activeAt: number
  /** When the key was retired, because all its tokens had expired. Its private key is deleted then. */
  retiredAt: number | null
  /** When the key was marked as compromised. Its tokens are refused from then on. */
  revokedAt: number | null
}

/**
 * What a mailed secret permits. A secret permits only one of these. A `decoy` permits nothing. It is created so that a request takes the
 * same time if no secret is mailed.
 */
export type OneTimePurpose = 'sign_up' | 'verify_address' | 'reset_password' | 'change_address' | 'decoy'

/** A mailed secret. Only its hash is stored. The row is deleted when the secret is used. */
export type OneTimeTokenRow = {
  /** SHA-256 of the secret, base64url. The secret has 256 random bits, so no slower hash is needed (ASVS 6.5.2). */
  hash: string
  purpose: OneTimePurpose
  /** The id of the user. Null if the account does not exist yet. */
  userId: string | null
  /** The address to which the secret was mailed, and which it verifies. */
  email: string
  /** The data of the account that will be created, encrypted. */
  details: string | null
  createdAt: number
  expiresAt: number
}

/** A mail that is queued or was sent. */
export type MailRow = {
  id: string
  recipient: string
  template: string
  /** The data of the template, encrypted because it may contain a link. The data is deleted when the mail is sent or given up. */
  details: string
  state: 'due' | 'sent' | 'dead'
  attempts: number
  createdAt: number
  /** When the mail must be sent. While a worker has reserved the mail, this is a later time. */
  dueAt: number
  finishedAt: number | null
  lastError: string | null
}

/** One event of the audit log. It is changed only to remove personal data. It is deleted at the end of its retention. */
export type AuditEventRow = {
  /** A UUIDv7, so the events are ordered by time. */
  id: string
  at: number
  action: string
  result: 'success' | 'refused'
  /** Who acted: the id of a user, or `operator`. Null for the server itself, or for a caller who is not signed in. */
  actor: string | null
  /** The user to whom the event belongs. */
  userId: string | null
  sessionId: string | null
  address: string | null
  userAgent: string | null
  requestId: string | null
  details: string | null
  /** The organization in which it happened. Null if it has nothing to do with one. */
  organizationId: string | null
}

/** A user who has signed up, and for whom the hook `afterSignUp` must still be called. */
export type PendingHookRow = {
  userId: string
  attempts: number
  /** When the hook must be called. While a process has reserved the call, this is a later time. */
  dueAt: number
}

/** The count of one window of a throttle. The key is a hash, so it contains no address and no name. */
export type ThrottleRow = {
  key: string
  count: number
  /** When the window ends. Then the count begins again. */
  until: number
  /** No try is accepted before this time. 0 if there is no wait. */
  blockedUntil: number
  /** The id of the last try that was accepted. */
  lastBy: string
}

/** A secret with which this database has been used. The id does not reveal the secret. */
export type SecretRow = {
  id: string
  /** When the secret was first used with this database. */
  createdAt: number
  /** When a process last used the secret as its first secret. Processes record this once a minute. */
  usedAt: number
  /**
   * The keys that are derived from this secret, encrypted under another secret, so that this secret can be removed from the settings. Null
   * if they have not been stored yet.
   */
  formerKeys: string | null
  /** When `formerKeys` was stored. */
  carriedAt: number | null
}

/** A browser on which a user has signed in. */
export type KnownDeviceRow = {
  userId: string
  hash: string
  createdAt: number
  seenAt: number
  /** Until when the user is not asked for the second factor in this browser. Null if the user is always asked. */
  trustedUntil: number | null
}

/** A sign-in that still needs a second factor. */
export type PendingSignInRow = {
  /** SHA-256 of the handle that the browser has, base64url. The handle has 256 random bits. */
  hash: string
  userId: string
  /** What the user has proved already, as JSON: the values of the claim `amr` (RFC 8176). */
  methods: string
  /** The version of the user when the sign-in began. If it has changed, the sign-in is no longer valid. */
  version: number
  createdAt: number
  expiresAt: number
}

/** An authenticator app of a user. */
export type TotpRow = {
  id: string
  userId: string
  name: string
  /** The secret of 160 bits in base32, encrypted. */
  sealedSecret: string
  createdAt: number
  /** When the user has entered the first correct code. Until then, the app is not asked for. */
  confirmedAt: number | null
  /** The time step of the last code that was accepted (RFC 6238). Codes of this step and of earlier steps are refused. -1 at first. */
  lastStep: number
  lastUsedAt: number | null
}

/** Second factors that an operator removes after a waiting time. A user has at most one such removal. */
export type FactorRemovalRow = {
  userId: string
  /** The id of the authenticator app or passkey. Null for all of the user. */
  factorId: string | null
  /** How the user has proved who they are. The audit log contains it too. */
  because: string
  askedAt: number
  dueAt: number
}

/** A recovery code of a user. The row is deleted when the code is used. */
export type RecoveryCodeRow = {
  /** SHA-256 of the code, base64url. The code has 120 random bits. */
  hash: string
  userId: string
  createdAt: number
}

/** An account at an outside provider with which a user can sign in. Its key is the issuer and the subject, never the address. */
export type IdentityRow = {
  /** The issuer of the provider (`iss`). If a provider gets another issuer, its identities are not found any more. */
  issuer: string
  /** The id of the account at the provider (`sub`). */
  subject: string
  id: string
  userId: string
  /** The name of the provider in the settings, at the last sign-in. */
  provider: string
  /** The address at the provider, at the last sign-in. It is only shown. */
  email: string | null
  createdAt: number
  lastUsedAt: number
}

/** The tokens that a provider has issued for an identity. */
export type ProviderTokenRow = {
  identityId: string
  /** The tokens, their expiry and their scopes, encrypted. */
  tokens: string
  /** The id of the refresh that is under way. Null if there is none. */
  lease: string | null
  /** Until when no other refresh may begin. 0 if no refresh is under way. */
  leaseUntil: number
  updatedAt: number
}

/** A sign-in that was begun at a provider. The row is deleted when the sign-in is finished. */
export type ProviderStartRow = {
  /** SHA-256 of the secret that the browser has, base64url. */
  hash: string
  /** SHA-256 of the parameter `state` that was sent to the provider, base64url. */
  stateHash: string
  provider: string
  /** What the sign-in is for, and the secrets of the protocol (RFC 7636), encrypted. */
  details: string
  /** What the provider has sent in a form, encrypted. Null if it has sent nothing, or if it uses a query. */
  callback: string | null
  /** The user who links the provider. Null for a sign-in. */
  userId: string | null
  createdAt: number
  expiresAt: number
}

/** A passkey of a user: the public key of a WebAuthn credential. */
export type PasskeyRow = {
  /** The id of the credential, base64url. The authenticator has chosen it. */
  id: string
  userId: string
  /** The public key (COSE), base64url. */
  publicKey: string
  /** The signature counter of the last use. 0 if the authenticator has no counter. */
  counter: number
  /** How the browser can reach the authenticator, as JSON: `["internal","hybrid"]`. */
  transports: string
  name: string
  /** The model of the authenticator. All zero if the browser does not report it. */
  aaguid: string
  /** 1 if the passkey can be copied to other devices, for example by a password manager. This never changes. */
  backupEligible: number
  /** 1 if the passkey was backed up when it was last used. */
  backedUp: number
  /** 1 if the authenticator verified the user at the registration, for example with a PIN or a fingerprint. */
  userVerified: number
  createdAt: number
  lastUsedAt: number | null
  /** The user handle that the authenticator has stored, base64url. Null if it is the id of the user. An import keeps the earlier handle. */
  userHandle: string | null
}

/** What an answer to a challenge may be used for. */
export type ChallengePurpose = 'sign_in' | 'register' | 'second_factor' | 'set_up' | 'sign_up' | 'step_up'

/** A challenge that an authenticator signs. The row is deleted when the answer arrives, whether it is right or not. */
export type WebauthnChallengeRow = {
  /** SHA-256 of the challenge, base64url. The challenge has 256 random bits. */
  hash: string
  purpose: ChallengePurpose
  /**
   * Who may answer: for `sign_in` the hash of a secret of the browser, for `second_factor` and `set_up` the hash of the pending sign-in,
   * for `sign_up` the hash of the mailed link, otherwise the id of the session.
   */
  boundTo: string
  expiresAt: number
}

/** A mailed code and link with which somebody can sign in. The row is deleted when one of the two is used. */
export type MailedSignInRow = {
  /** SHA-256 of the handle that the browser has, base64url. The handle has 256 random bits. */
  hash: string
  /** SHA-256 of the secret in the link, base64url. The secret has 256 random bits. */
  linkHash: string
  /** HMAC of the handle's hash and the code, base64url. The code has only six digits, so a hash without a key could be reversed. */
  codeMac: string
  /** The id of the user. Null if no mail was sent, because the address has no account. */
  userId: string | null
  /** The address to which the mail was sent. It is verified by the first use. Empty if the address is malformed. */
  email: string
  /** How many codes can still be tried. */
  triesLeft: number
  /** The version of the user when the mail was requested. If it has changed, code and link are no longer valid. */
  version: number
  /** The browser and the system that requested the mail, such as "Firefox on Windows". */
  device: string
  createdAt: number
  expiresAt: number
}
