/** So many tries in so many seconds; then none until the window has ended. */
export type Quota = { tries: number; seconds: number }

/**
 * Wrong passwords in a row: the first few cost nothing, then the wait doubles, and after `most` the password alone opens nothing any
 * more. Seconds.
 */
export type Delays = {
  free: number
  firstWait: number
  longestWait: number
  most: number
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
  most: 100,
  forgottenAfter: 365 * day,
}

/**
 * Every number of every throttle, and what it counts. `address` is an email address, `network` an IPv4 address or an IPv6 /64 of whoever
 * asks, `overall` everybody together.
 */
export const throttlePolicy = {
  sign_in: {
    counts: 'sign-ins with a wrong password',
    network: { tries: 100, seconds: 10 * minute },
    overall: { tries: 20_000, seconds: 10 * minute },
  },
  sign_up: {
    counts: 'sign-ups',
    address: { tries: 5, seconds: hour },
    network: { tries: 30, seconds: hour },
    overall: { tries: 3_000, seconds: hour },
  },
  mail: {
    counts: 'mails that were asked for: forgotten password, confirmation again, another address',
    address: { tries: 5, seconds: hour },
    network: { tries: 30, seconds: hour },
    overall: { tries: 3_000, seconds: hour },
  },
  link: {
    counts: 'uses of mailed links',
    network: { tries: 60, seconds: 10 * minute },
    overall: { tries: 20_000, seconds: 10 * minute },
  },
  refresh: {
    counts: 'refreshes that were refused',
    network: { tries: 1_000, seconds: 10 * minute },
  },
} as const satisfies Record<string, { counts: string; address?: Quota; network?: Quota; overall?: Quota }>

export type ThrottleName = keyof typeof throttlePolicy

/** How many browsers an account knows; the ones that were seen longest ago are forgotten. */
export const mostKnownDevices = 20
