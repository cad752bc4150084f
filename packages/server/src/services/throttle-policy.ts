/** The number of tries in a window of this many seconds. Further tries are refused until the window ends. */
export type Quota = { tries: number; seconds: number }

/**
 * Delays after wrong passwords in a row: `free` tries without a wait, then a wait that doubles, and after `maxTries` tries no sign-in with the
 * password alone. Times in seconds.
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

/** The delays after wrong passwords in a row. */
export const passwordDelays: Delays = {
  free: 10,
  firstWait: 1,
  longestWait: 15 * minute,
  maxTries: 100,
  forgottenAfter: 365 * day,
}

/**
 * A count over all callers. While it is exceeded, each IPv4 /24 and each IPv6 /48 gets only `share` tries in the window, so that networks
 * that used it up are refused and others are not.
 */
export type Overall = Quota & { share: number }

/** What a throttle counts, and its limits, each optional. */
export type ThrottlePolicy = {
  counts: string
  address?: Quota
  network?: Quota
  overall?: Overall
  user?: Quota
}

/**
 * The limits of all throttles. `address` is an email address, `network` the caller's IPv4 address or IPv6 /64 (wider networks have a multiple
 * of it, see network.ts), `overall` all callers together, `user` a signed-in user.
 */
export const throttlePolicy = {
  sign_in: {
    counts: 'sign-ins with a wrong password',
    network: { tries: 100, seconds: 10 * minute },
    overall: { tries: 20_000, seconds: 10 * minute, share: 20 },
  },
  sign_up: {
    counts: 'sign-ups',
    address: { tries: 5, seconds: hour },
    network: { tries: 30, seconds: hour },
    overall: { tries: 3_000, seconds: hour, share: 5 },
  },
  mail: {
    counts: 'requests for a mail: password reset, another verification link, change of address',
    address: { tries: 5, seconds: hour },
    network: { tries: 30, seconds: hour },
    overall: { tries: 3_000, seconds: hour, share: 5 },
  },
  link: {
    counts: 'uses of mailed links',
    network: { tries: 60, seconds: 10 * minute },
    overall: { tries: 20_000, seconds: 10 * minute, share: 10 },
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
    counts: 'requests that end the user’s sessions, by session',
    user: { tries: 300, seconds: 10 * minute },
  },
  listing: {
    counts: 'lists of the user’s sessions and activity',
    user: { tries: 600, seconds: 10 * minute },
  },
  download: {
    counts: 'downloads of the user’s data',
    user: { tries: 10, seconds: hour },
  },
} as const satisfies Record<string, ThrottlePolicy>

export type ThrottleName = keyof typeof throttlePolicy

/** The throttles of signed-in users. */
export type UserThrottleName = {
  [Name in ThrottleName]: (typeof throttlePolicy)[Name] extends { user: Quota } ? Name : never
}[ThrottleName]

/** The maximum number of known browsers of an account; those used longest ago are removed. */
export const maxKnownDevices = 20
