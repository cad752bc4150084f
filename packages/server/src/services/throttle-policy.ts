/** The number of tries that are allowed in a window of this many seconds. Further tries are refused until the window ends. */
export type Quota = { tries: number; seconds: number }

/**
 * The delays after wrong passwords, or wrong codes, in a row. The first `free` tries need no wait. Before each further try there is a wait, which doubles
 * each time. After `maxTries` tries, further tries are refused until the user sets a new password with a mailed link, or an operator
 * unlocks the user. Times are in seconds.
 */
export type Delays = {
  free: number
  firstWait: number
  longestWait: number
  maxTries: number
  forgottenAfter: number
}

const minute = 60
const hour = 60 * minute
const day = 24 * hour

/** The delays after wrong passwords, or wrong codes, in a row. */
export const passwordDelays: Delays = {
  free: 10,
  firstWait: 1,
  longestWait: 15 * minute,
  maxTries: 100,
  forgottenAfter: 365 * day,
}

/**
 * A limit for all callers together. While this limit is exceeded, each IPv4 /24 and each IPv6 /48 gets only `share` tries in the window. So
 * only networks that have made more tries are refused.
 */
export type Overall = Quota & { share: number }

/** What a throttle counts, and its limits. Each limit is optional. */
export type ThrottlePolicy = {
  counts: string
  address?: Quota
  network?: Quota
  overall?: Overall
  user?: Quota
}

/**
 * The limits of all throttles. `address` is the limit of an email address. `network` is the limit of the caller's IPv4 address or IPv6 /64;
 * the limits of larger networks are a multiple of it (see network.ts). `overall` is the limit of all callers together. `user` is the limit
 * of a signed-in user.
 */
export const throttlePolicy = {
  sign_in: {
    counts: 'sign-ins with a wrong password',
    network: { tries: 100, seconds: 10 * minute },
    overall: { tries: 20_000, seconds: 10 * minute, share: 20 },
  },
  sign_in_code: {
    counts: 'mailed codes that were wrong',
    network: { tries: 60, seconds: 10 * minute },
    overall: { tries: 3_000, seconds: 10 * minute, share: 10 },
  },
  sign_up: {
    counts: 'sign-ups',
    address: { tries: 5, seconds: hour },
    network: { tries: 30, seconds: hour },
    overall: { tries: 3_000, seconds: hour, share: 5 },
  },
  mail: {
    counts:
      'requests for a mail: password reset, code and link to sign in, another verification link, change of address, sign-in with an unverified address',
    address: { tries: 5, seconds: hour },
    network: { tries: 30, seconds: hour },
    overall: { tries: 3_000, seconds: hour, share: 5 },
  },
  link: {
    counts: 'uses of mailed links',
    network: { tries: 60, seconds: 10 * minute },
    overall: { tries: 20_000, seconds: 10 * minute, share: 10 },
  },
  pending_sign_in: {
    counts: 'requests for the second step of a sign-in that does not exist or has expired',
    network: { tries: 60, seconds: 10 * minute },
    overall: { tries: 20_000, seconds: 10 * minute, share: 10 },
  },
  passkey: {
    counts: 'requests of a sign-in with a passkey: the challenge, and the answer to it',
    network: { tries: 300, seconds: 10 * minute },
    overall: { tries: 40_000, seconds: 10 * minute, share: 30 },
  },
  own_passkey: {
    counts: 'passkeys that a signed-in user adds, uses, renames or removes; each challenge counts too',
    user: { tries: 120, seconds: 10 * minute },
  },
  refresh: {
    counts: 'refreshes that were refused',
    network: { tries: 1_000, seconds: 10 * minute },
  },
  prompt: {
    counts: 'passwords entered while signed in, right or wrong',
    user: { tries: 60, seconds: 10 * minute },
  },
  profile_change: {
    counts: 'changes of the profile',
    user: { tries: 60, seconds: 10 * minute },
  },
  address_change: {
    counts: 'requests to change the address',
    user: { tries: 10, seconds: hour },
  },
  session_end: {
    counts: 'requests that end sessions of the user; counted for each session',
    user: { tries: 300, seconds: 10 * minute },
  },
  listing: {
    counts: 'lists of the user’s sessions and activity',
    user: { tries: 600, seconds: 10 * minute },
  },
  provider: {
    counts: 'sign-ins that were begun or finished at an outside provider',
    network: { tries: 300, seconds: 10 * minute },
    overall: { tries: 20_000, seconds: 10 * minute, share: 20 },
  },
  identity_change: {
    counts: 'links to an outside provider that the user begins or removes',
    user: { tries: 30, seconds: 10 * minute },
  },
  provider_token: {
    counts: 'refreshes of the user’s tokens at an outside provider',
    user: { tries: 60, seconds: 10 * minute },
  },
  download: {
    counts: 'downloads of the user’s data',
    user: { tries: 10, seconds: hour },
  },
  second_factor: {
    counts: 'wrong codes of authenticator apps, in browsers that are not known',
    address: { tries: 60, seconds: day },
    network: { tries: 100, seconds: 10 * minute },
  },
  recovery_code: {
    counts: 'recovery codes, right or wrong',
    network: { tries: 60, seconds: 10 * minute },
  },
  organization_change: {
    counts: 'changes of organizations and of their members',
    user: { tries: 600, seconds: 10 * minute },
  },
  organization: {
    counts: 'organizations that a user creates',
    user: { tries: 20, seconds: day },
  },
  invitation: {
    counts: 'invitations to an organization that are mailed',
    address: { tries: 10, seconds: day },
    user: { tries: 1_000, seconds: day },
  },
  factor_change: {
    counts: 'changes of second factors, and set-ups that a sign-in requires',
    user: { tries: 60, seconds: 10 * minute },
  },
} as const satisfies Record<string, ThrottlePolicy>

export type ThrottleName = keyof typeof throttlePolicy

/** The throttles that count the requests of signed-in users. */
export type UserThrottleName = {
  [Name in ThrottleName]: (typeof throttlePolicy)[Name] extends { user: Quota } ? Name : never
}[ThrottleName]

/** The maximum number of known browsers of an account. If there are more, those that were used longest ago are removed. */
export const maxKnownDevices = 20
