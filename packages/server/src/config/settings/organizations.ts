import { z } from 'zod'
import { whole } from '../setting-values.ts'
import type { Setting } from './setting.ts'

/** Organizations and their members. */
export const organizationSettings = {
  organizations: {
    env: 'SALLYPORT_ORGANIZATIONS',
    schema: z.enum(['off', 'on'], { error: 'must be off or on' }).default('off'),
    description:
      'Whether users can create organizations, invite others into them, and get access tokens for them. With `on`, `SALLYPORT_ROLES` or `access` must define the roles.',
  },
  organizationOwnerRole: {
    env: 'SALLYPORT_ORGANIZATION_OWNER_ROLE',
    schema: z.string().default('owner'),
    description:
      'The role of the user who creates an organization. An organization always has a member with it. It must have the permissions `organization:manage`, `organization:delete`, `member:manage` and `audit:read`.',
  },
  invitationSeconds: {
    env: 'SALLYPORT_INVITATION_SECONDS',
    schema: whole(7 * 86_400, 600, 90 * 86_400),
    unit: 'seconds',
    description: 'For how long an invitation can be accepted. A mail that is sent again begins a new period.',
  },
} as const satisfies Record<string, Setting>
