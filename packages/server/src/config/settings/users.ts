import { z } from 'zod'
import { list, parseJson } from '../setting-values.ts'
import type { Setting } from './setting.ts'

/** Roles, permissions and the verification of addresses. */
export const userSettings = {
  defaultRoles: {
    env: 'SALLYPORT_DEFAULT_ROLES',
    schema: list.default(['member']),
    description:
      'The roles of a user who signs up, separated by commas. If `SALLYPORT_ROLES` is set, it must define them.',
  },
  rolePermissions: {
    env: 'SALLYPORT_ROLES',
    schema: z
      .union([z.string().transform(parseJson), z.unknown()])
      .pipe(
        z.record(z.string(), z.array(z.string().min(1)), {
          error: 'must be JSON that gives each role a list of permissions: {"finance":["report:read"]}',
        }),
      )
      .default({}),
    description:
      'Your roles and their permissions, as JSON: `{"finance":["report:read"],"member":[]}`. If set, `users create`, `users set-roles` and `users import` refuse every other role; if not, a role can have any name. A role whose access token would not fit into a cookie (3,800 bytes) stops the start.',
  },
  emailVerification: {
    env: 'SALLYPORT_EMAIL_VERIFICATION',
    schema: z
      .enum(['off', 'permissions', 'sign-in'], { error: 'must be off, permissions or sign-in' })
      .optional(),
    description:
      'When an address must be verified: before the first sign-in (`sign-in`: sign-up then does not reveal whether an address has an account), before some permissions (`permissions`), or never (`off`). Default: `sign-in` if `SALLYPORT_SMTP_URL` is set, else `off`; in production one of the two must be set.',
  },
  verifiedPermissions: {
    env: 'SALLYPORT_VERIFIED_PERMISSIONS',
    schema: list.default([]),
    description:
      'With `SALLYPORT_EMAIL_VERIFICATION=permissions`: the permissions that a user gets only with a verified address, comma-separated.',
  },
} as const satisfies Record<string, Setting>
