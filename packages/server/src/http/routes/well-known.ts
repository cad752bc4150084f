import { paths } from '@sallyport/protocol'
import { publicJson } from '../answers.ts'
import type { Route } from '../route.ts'

/** `GET /.well-known/jwks.json`: the public keys (RFC 7517 section 5). */
export const jwksRoute: Route = (_, { signingKeys }) => publicJson({ keys: signingKeys.publicJwks() })

/**
 * `GET /.well-known/openid-configuration`: what .NET, Spring and others read to find our keys (RFC 8414). Every address is
 * built from the configured issuer (X05). It promises nothing that we do not do: no authorization endpoint, no grants, no ID
 * tokens; and introspection is not named, for it takes JSON and not the form of RFC 7662 section 2.1.
 */
export const discoveryRoute: Route = ({ config: { issuer } }) =>
  publicJson({
    issuer,
    jwks_uri: issuer + paths.jwks,
    response_types_supported: [],
    grant_types_supported: [],
    subject_types_supported: ['public'],
  })
