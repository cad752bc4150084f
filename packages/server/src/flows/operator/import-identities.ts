import { emailSchema } from '@sallyport/protocol'
import { z } from 'zod'
import type { Context } from '../../services/context.ts'
import type { Database } from '../../store/database.ts'
import { findIdentityOwners, type IdentityKey, type IdentityRow } from '../../store/identity.ts'

/** An account at an outside provider, as an import gives it. */
export const importedIdentitySchema = z.strictObject({
  /** The name of the provider in the settings. */
  provider: z.string().min(1).max(40),
  /** The id of the account at the provider. The limits are those of a sign-in (OpenID Connect Core section 2). */
  subject: z.string().regex(/^[\x20-\x7e]{1,255}$/, 'This must be 1 to 255 ASCII characters.'),
  /** The issuer of the account. If the settings have another issuer for the provider, the row is refused. */
  issuer: z.string().min(1).max(2_048).nullish(),
  /** The address at the provider. It is only shown. */
  email: emailSchema.nullish(),
})

/** An identity whose provider the settings define. */
export type CheckedIdentity = Pick<IdentityRow, 'provider' | 'issuer' | 'subject' | 'email'>

const isMicrosoft = /^https:\/\/login\.microsoftonline\.com\//
const isTenantId = /^https:\/\/login\.microsoftonline\.com\/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\/v2\.0$/

/**
 * Returns the identities of an imported user with the issuers of the settings. If a provider is not in the settings, or has another issuer,
 * returns the reason. Nothing is guessed, because a wrong identity would let another person in.
 */
export function checkIdentities(
  { providers }: Pick<Context, 'providers'>,
  identities: readonly z.output<typeof importedIdentitySchema>[],
): CheckedIdentity[] | string {
  const checked: CheckedIdentity[] = []
  const seen = new Set<string>()
  for (const [at, { provider: name, subject, issuer: stated, email }] of identities.entries()) {
    const provider = providers.get(name)
    if (provider === undefined) {
      const known = [...providers.keys()].join(', ') || 'none'
      return `identities.${at}.provider: The settings define no provider ${JSON.stringify(name)}. They define: ${known}.`
    }
    const issuer = issuerOf(provider.issuer, stated ?? null)
    if (issuer === null)
      return stated
        ? `identities.${at}.issuer: The provider ${name} has another issuer in the settings.`
        : `identities.${at}.issuer: This is missing. Each tenant of ${name} has an issuer of its own, and the settings do not have the id of the tenant.`
    if (seen.has(keyOf({ issuer, subject }))) return `identities.${at}: This account occurs twice.`
    seen.add(keyOf({ issuer, subject }))
    checked.push({ provider: name, issuer, subject, email: email ?? null })
  }
  return checked
}

/**
 * Returns the issuer that a sign-in of the account would have, or null if it is not known. The ID tokens of Microsoft have the id of the
 * tenant in their issuer, also if the settings have a domain or `common`. Otherwise only a slash after the host may differ.
 */
function issuerOf(configured: string, stated: string | null): string | null {
  if (isMicrosoft.test(configured) && !isTenantId.test(configured))
    return stated !== null && isTenantId.test(stated) ? stated : null
  if (stated === null) return configured
  return URL.canParse(stated) && new URL(stated).href === new URL(configured).href ? stated : null
}

type WithIdentities = { user: { email: string }; identities: readonly CheckedIdentity[] }

/** For each address whose user has an identity of another stored user, returns the reason why it is refused. */
export async function findTakenIdentities(
  database: Database,
  users: readonly WithIdentities[],
): Promise<Map<string, string>> {
  const owners = new Map(
    (
      await findIdentityOwners(
        database,
        users.flatMap(({ identities }) => identities),
      )
    ).map((owner) => [keyOf(owner), owner.email]),
  )
  const refusals = new Map<string, string>()
  for (const { user, identities } of users) {
    const at = identities.findIndex((identity) => (owners.get(keyOf(identity)) ?? user.email) !== user.email)
    if (at >= 0)
      refusals.set(
        user.email,
        `identities.${at}: This account of ${identities[at]?.provider} is linked to another user.`,
      )
  }
  return refusals
}

/** Returns what identifies an account at a provider, as one text. */
export function keyOf({ issuer, subject }: IdentityKey): string {
  return `${issuer}\n${subject}`
}
