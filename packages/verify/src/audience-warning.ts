import { organizationAudience } from '@sallyport/protocol'

/**
 * Returns a function that warns the operator, once, that a token is for another API. The warning is useful because the caller only gets
 * `token_invalid` without a reason. Call the function only if the token's signature and issuer are right, but its audience is not.
 */
export function audienceWarning(
  expected: string,
  organizations: 'required' | 'optional' | undefined,
  warn: (message: string) => void,
): (audience: unknown) => void {
  let isTold = false
  return (audience) => {
    if (isTold) return
    isTold = true
    const names = [audience].flat()
    if (organizations === undefined && names.includes(organizationAudience(expected)))
      return warn(
        `Sallyport: a token for an organization was refused here. If all data of this API belongs to organizations, set organizations: 'required' (docs/organizations.md). This warning is shown only once.`,
      )
    if (organizations === 'required' && names.includes(expected))
      return warn(
        `Sallyport: a token without an organization was refused here, because this verifier has organizations: 'required'. Call the API for an organization, such as api.organization(slug) in Next. This warning is shown only once.`,
      )
    warn(
      `Sallyport: a token for ${listed(audience)} was refused here, because this verifier's audience is ${shown(expected)}. Set it to ` +
        'one of the names in SALLYPORT_AUDIENCE. Or add it there, start the auth server again and sign in again. This warning is shown only once.',
    )
  }
}

const maxShown = 10

function listed(audience: unknown): string {
  const names = (Array.isArray(audience) ? audience : [audience]).filter((name) => typeof name === 'string')
  if (names.length === 0) return 'nobody'
  const rest = names.length > maxShown ? ' and others' : ''
  return names.slice(0, maxShown).map(shown).join(', ') + rest
}

/** Makes a name safe for a log line: keeps at most 64 characters, and replaces all but visible ASCII by `?`. */
function shown(name: string): string {
  return name.slice(0, 64).replaceAll(/[^\x21-\x7e]/g, '?')
}

/** Returns the audiences that a verifier accepts. */
export function audienceRules({
  audience,
  organizations,
}: {
  audience: string
  organizations: 'required' | 'optional' | undefined
}): { audience: readonly string[]; organizationAudience: string | undefined } {
  if (organizations === undefined) return { audience: [audience], organizationAudience: undefined }
  const ofOrganization = organizationAudience(audience)
  return {
    audience: organizations === 'required' ? [ofOrganization] : [audience, ofOrganization],
    organizationAudience: ofOrganization,
  }
}
