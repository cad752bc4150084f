import { z } from 'zod'
import { flag } from '../setting-values.ts'
import type { Setting } from './setting.ts'

/** Passkeys. */
export const passkeySettings = {
  passkeys: {
    env: 'SALLYPORT_PASSKEYS',
    schema: flag.optional(),
    description:
      '`1` lets users sign in with [passkeys](passkeys.md), and the server does not start if they cannot work; `0` does not, and passkeys that users have added are not accepted. Default: `1` if all pages share a domain, else `0`; the log says why.',
  },
  passkeyDomain: {
    env: 'SALLYPORT_PASSKEY_DOMAIN',
    schema: z
      .string({ error: 'must be text' })
      .regex(
        /^(?:localhost|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*)$/,
        'must be a domain such as example.com',
      )
      .optional(),
    description:
      'The domain to which passkeys belong. Pages at this domain and below it can use them. Default: `SALLYPORT_COOKIE_DOMAIN`, else the host of the pages. After a change, users cannot use the passkeys that they have.',
  },
} as const satisfies Record<string, Setting>
