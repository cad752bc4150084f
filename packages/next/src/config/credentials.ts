import { credentialToSend, howToMakeASecret } from '@sallyport/protocol/secret'

/** The secrets that the Next app sends to the auth server. */
export type Credentials = {
  /** The secret that identifies this front end. Null only in development or with a custom issuer. */
  frontendSecret: string | null
  /**
   * The secret for the revocation feed (the stream of ended sessions) and introspection. Null only in development or with a custom issuer.
   */
  verifierSecret: string | null
}

/** With a custom issuer there is no auth server, so no credentials are needed. */
export const noCredentials: Credentials = { frontendSecret: null, verifierSecret: null }

/**
 * Checks both secrets. `serverSecret` is the auth server's own secret (SALLYPORT_SECRET). This process has it only if the auth server runs
 * inside this app.
 *
 * @throws TypeError if a secret is missing in production, has an invalid form, or is used for two purposes.
 */
export function readCredentials(
  given: { frontendSecret: string | undefined; verifierSecret: string | undefined },
  { production, serverSecret }: { production: boolean; serverSecret: string | undefined },
): Credentials {
  const frontendSecret = read(
    ['frontendSecret', 'SALLYPORT_FRONTEND_SECRET', given.frontendSecret],
    'Without it the auth server sees the same IP address for all your visitors',
    production,
  )
  const verifierSecret = read(
    ['verifierSecret', 'SALLYPORT_VERIFIER_SECRET', given.verifierSecret],
    'Without it the Next app does not learn that a session has ended',
    production,
  )
  const known = (serverSecret ?? '').split(',').map((secret) => secret.trim())
  const all = [frontendSecret, verifierSecret].filter((secret) => secret !== null)
  if (new Set(all).size < all.length || all.some((secret) => known.includes(secret)))
    throw new TypeError(
      'SALLYPORT_FRONTEND_SECRET, SALLYPORT_VERIFIER_SECRET and SALLYPORT_SECRET must differ. Create a separate secret for each of them.',
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
      `\`${option}\` is not set. ${without}, so the Next app does not run without it in production. Set ${variable} to the value that the auth server has. ${howToMakeASecret}`,
    )
  }
  const result = credentialToSend(value)
  if ('fault' in result) throw new TypeError(`\`${option}\` (${variable}) ${result.fault}`)
  return result.credential
}
