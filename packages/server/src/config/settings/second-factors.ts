import { z } from 'zod'
import { list, whole } from '../setting-values.ts'
import type { Setting } from './setting.ts'

/** Second factors. */
export const secondFactorSettings = {
  secondFactor: {
    env: 'SALLYPORT_SECOND_FACTOR',
    schema: z
      .enum(['off', 'optional', 'required'], { error: 'must be off, optional or required' })
      .default('optional'),
    description:
      'Whether users can set up a second factor (`optional`), must set up one at the next sign-in (`required`), or cannot (`off`). A user who has set up a second factor is asked for it with every value.',
  },
  secondFactorRoles: {
    env: 'SALLYPORT_SECOND_FACTOR_ROLES',
    schema: list.default([]),
    description:
      'With `SALLYPORT_SECOND_FACTOR=optional`: the roles whose users must set up a second factor at the next sign-in, comma-separated. If `SALLYPORT_ROLES` is set, it must define them.',
  },
  trustedBrowserSeconds: {
    env: 'SALLYPORT_TRUSTED_BROWSER_SECONDS',
    schema: whole(30 * 86_400, 0, 400 * 86_400),
    unit: 'seconds',
    description:
      'For how long a user is not asked for the second factor in a browser, if they choose this at the sign-in. With `0`, nobody can choose it, and every browser is asked.',
  },
} as const satisfies Record<string, Setting>
