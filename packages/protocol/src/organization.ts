import { z } from 'zod'
import { lineSchema } from './user.ts'

/**
 * The permissions that the auth server itself requires in an organization. They are names in your definition of roles and permissions, so
 * your roles decide who has them (docs/organizations.md).
 */
export const organizationPermissions = [
  'organization:manage',
  'organization:delete',
  'member:manage',
  'audit:read',
] as const

/**
 * Returns the audience of a token for an organization. It differs from the audience of the session's token, so an API that does not know
 * organizations refuses the token, whatever library it uses. Otherwise the owner of any organization could use that role everywhere.
 */
export function organizationAudience(audience: string): string {
  return audience + organizationAudienceEnd
}
/** The end of every audience for organizations. No audience of the settings may end with it. */
export const organizationAudienceEnd = '/organization'

/** Addresses that a product needs for itself, below `/o/` or as a subdomain. No organization can have them. */
const reservedSlugs: ReadonlySet<string> = new Set(
  (
    'about account accounts admin api app assets auth billing blog cdn dashboard docs email ftp help imap invitations ' +
    'invite invites login logout mail new ns1 ns2 o oauth pop profile public root security settings signin signout signup ' +
    'smtp sso static status support system team teams test www'
  ).split(' '),
)

/**
 * The name of an organization in addresses, such as `acme` in `/o/acme`: 3 to 48 characters, small letters, digits and single hyphens. The
 * same rules hold for a subdomain (RFC 1035 section 2.3.1).
 */
export const slugSchema = z
  .string()
  .min(3, 'An address has at least 3 characters.')
  .max(48, 'An address has at most 48 characters.')
  .regex(
    /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
    'Use small letters, digits and single hyphens, with a letter or digit at both ends.',
  )
  // An address that looks like an id could be mistaken for the organization with this id.
  .refine(
    (slug) => !reservedSlugs.has(slug) && !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(slug),
    'This address cannot be used. Choose another one.',
  )

/** What an organization demands of the session of a member, before the member gets a token for it. */
export const organizationDemandsSchema = z.strictObject({
  /** Whether the session must have two factors. */
  secondFactor: z.boolean(),
  /** The longest time since the last authentication, in seconds. Null if there is no limit. */
  maxAgeSeconds: z
    .number()
    .int()
    .min(600, 'At least ten minutes: 600.')
    .max(90 * 86_400)
    .nullable(),
})
/** What an organization demands of the session of a member, before the member gets a token for it. */
export type OrganizationDemands = z.infer<typeof organizationDemandsSchema>

/** The name of an organization: one line of 1 to 100 characters. */
export const organizationNameSchema = lineSchema(100)
