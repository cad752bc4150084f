import { credentialToSend, howToMakeASecret } from '@sallyport/protocol/secret'

/** The secrets that these pages send to the auth server. */
export type Credentials = {
  /** Identifies this front end; null only in development. */
  frontendSecret: string | null
  /** For the revocation feed and introspection; null only in development. */
  verifierSecret: string | null
}

/** With a custom issuer there is no auth server that needs them. */
export const noCredentials: Credentials = { frontendSecret: null, verifierSecret: null }

/**
 * Checks both secrets. `serverSecret` is the auth server's own secret, if it is known here, as with a server mounted in the app.
 *
 * @throws TypeError when one is missing in production, cannot be a secret, or is used for two purposes.
 */
export function readCredentials(
  given: { frontendSecret: string | undefined; verifierSecret: string | undefined },
  { production, serverSecret }: { production: boolean; serverSecret: string | undefined },
): Credentials {
  const frontendSecret = read(
    ['frontendSecret', 'SALLYPORT_FRONTEND_SECRET', given.frontendSecret],
    'Without it the auth server sees one address for all your visitors',
    production,
  )
  const verifierSecret = read(
    ['verifierSecret', 'SALLYPORT_VERIFIER_SECRET', given.verifierSecret],
    'Without it these pages do not learn that a session has ended',
    production,
  )
  const known = (serverSecret ?? '').split(',').map((secret) => secret.trim())
  const all = [frontendSecret, verifierSecret].filter((secret) => secret !== null)
  if (new Set(all).size < all.length || all.some((secret) => known.includes(secret)))
    throw new TypeError(
      'SALLYPORT_FRONTEND_SECRET, SALLYPORT_VERIFIER_SECRET and SALLYPORT_SECRET must differ: make one for each purpose.',
    )
  return { frontendSecret, verifierSecret }
}

function read(
  [option, variable, value]: [option: string, variable: string, value: string | undefined],
  without: string,
  production: boolean,
): string | null {
  if (!value) {
    if (!production) return null
    throw new TypeError(
      `\`${option}\` is not set. ${without}, so these pages do not run without it in production. Set ${variable} to the value that the auth server has. ${howToMakeASecret}`,
    )
  }
  const result = credentialToSend(value)
  if ('fault' in result) throw new TypeError(`\`${option}\` (${variable}) ${result.fault}`)
  return result.credential
}
