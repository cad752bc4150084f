import { type endpoints, paths } from '@sallyport/protocol/endpoints'
import { publicJson } from '../answers.ts'
import type { Exchange } from '../exchange.ts'
import type { Handler } from '../handler.ts'

/** Returns the public keys (RFC 7517 section 5). */
export const jwksHandler: Handler<typeof endpoints.jwks> = (_, { signingKeys }) =>
  publicJson({ keys: signingKeys.publicJwks() })

/**
 * Returns the metadata of RFC 8414, for libraries that find the keys and the introspection endpoint by the issuer. Both well-known
 * addresses return the same document. Every address in the document is built from the issuer in the settings, never from the request. The
 * document has no authorization endpoint, no grant types, no token endpoint and no ID tokens, because Sallyport does not have them. An
 * issuer is an origin, so the path insertion of section 3.1 does not apply.
 */
export function metadataHandler({ config: { issuer, verifierSecrets } }: Exchange): Response {
  return publicJson({
    issuer,
    jwks_uri: issuer + paths.jwks,
    // Without a verifier secret in the settings, no caller can use this endpoint.
    ...(verifierSecrets.length > 0 && {
      introspection_endpoint: issuer + paths.introspect,
      // RFC 8414 section 2 allows two kinds of values here: authentication methods of clients, and types of access tokens.
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'Bearer'],
    }),
    response_types_supported: [],
    grant_types_supported: [],
    subject_types_supported: ['public'],
  })
}
