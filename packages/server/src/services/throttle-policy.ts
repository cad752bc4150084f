/** So many tries in so many seconds; then none until the window has ended. */
export type Quota = { tries: number; seconds: number }

/**
 * Wrong passwords in a row: the first few cost nothing, then the wait doubles, and after `maxTries` the password alone opens nothing any
 * more. Seconds.
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

/** How wrong passwords in a row are slowed down. */
export const passwordDelays: Delays = {
  free: 10,
  firstWait: 1,
  longestWait: 15 * minute,
  maxTries: 100,
  forgottenAfter: 365 * day,
}

/**
 * A count of everybody together, which refuses nobody by itself. While it is exceeded, each IPv4 /24 and each IPv6 /48 gets `share` in
 * the same time and no more: so those who have filled it up are refused, and those who had no part in it are not.
 */
export type Overall = Quota & { share: number }

/** What a throttle counts, and for whom: each may be left out. */
export type ThrottlePolicy = {
  counts: string
  address?: Quota
  network?: Quota
  overall?: Overall
  user?: Quota
}

/**
 * Every number of every throttle, and what it counts. `address` is an email address, `network` an IPv4 address or an IPv6 /64 of whoever
 * asks (wider ones have a multiple of it: see network.ts), `overall` everybody together, `user` somebody who is signed in.
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
    counts: 'mails that were asked for: forgotten password, confirmation again, another address',
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
    counts: 'passwords given while signed in, right or wrong',
    user: { tries: 60, seconds: 10 * minute },
  },
  profile_change: {
    counts: 'changes of one’s own profile',
    user: { tries: 60, seconds: 10 * minute },
  },
  address_change: {
    counts: 'other addresses asked for',
    user: { tries: 10, seconds: hour },
  },
  session_end: {
    counts: 'requests that end one’s own sessions, by session',
    user: { tries: 300, seconds: 10 * minute },
  },
  listing: {
    counts: 'lists of one’s own sessions and activity',
    user: { tries: 600, seconds: 10 * minute },
  },
  download: {
    counts: 'downloads of everything that is stored about oneself',
    user: { tries: 10, seconds: hour },
  },
} as const satisfies Record<string, ThrottlePolicy>

export type ThrottleName = keyof typeof throttlePolicy

/** The throttles of those who are signed in. */
export type UserThrottleName = {
  [Name in ThrottleName]: (typeof throttlePolicy)[Name] extends { user: Quota } ? Name : never
}[ThrottleName]

/** How many browsers an account knows; the ones that were seen longest ago are forgotten. */
export const maxKnownDevices = 20
