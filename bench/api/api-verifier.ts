import { createVerifier, type Verifier } from '@sallyport/verify'

/** Starts the verifier of an API, with its revocation feed connected to the real auth server. Its settings come from the bench. */
export async function startApiVerifier(): Promise<Verifier> {
  const { ISSUER = '', JWKS_URL = '', FEED_URL = '', INTROSPECT_URL = '', VERIFIER_SECRET = '' } = process.env
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: 'billing-api',
    jwksUrl: JWKS_URL,
    feed: { url: FEED_URL, introspectUrl: INTROSPECT_URL, credential: VERIFIER_SECRET },
  })
  await verifier.ready()
  return verifier
}
