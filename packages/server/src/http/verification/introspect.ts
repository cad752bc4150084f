import { introspectRequestSchema } from '@sallyport/protocol'
import { introspect } from '../../flows/session/introspect.ts'
import { privateJson } from '../answers.ts'
import { isForm, readFormField } from '../form-body.ts'
import { readJsonBody } from '../json-body.ts'
import { requireAllowedOrigin } from '../origin-rule.ts'
import type { Route } from '../route.ts'
import { requireVerifier } from '../verifier-credential.ts'

/** `POST introspect`, for verifiers (RFC 7662 section 2): a form, as libraries for it send, or JSON. */
export const introspectRoute: Route = async (exchange, context) => {
  requireAllowedOrigin(exchange)
  requireVerifier(exchange)
  const { token } = isForm(exchange.request.headers)
    ? { token: await readFormField(exchange, 'token') }
    : await readJsonBody(exchange, introspectRequestSchema)
  return privateJson(await introspect(context, token))
}
