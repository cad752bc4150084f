import { FlowError } from '../services/flow-error.ts'
import type { Exchange } from './exchange.ts'
import { refusalOf } from './secret-comparison.ts'

/**
 * Requires the credential of a verifier: an API or a front end that has `SALLYPORT_VERIFIER_SECRET`. The credential is a bearer token or,
 * for OAuth libraries, the password of the scheme `Basic` (RFC 6749 section 2.3.1). There are no client ids, so any user name is accepted.
 *
 * @throws FlowError `client_unauthorized`.
 */
export function requireVerifier({ request, bearer, config }: Exchange): void {
  const given = bearer === null ? basicPasswords(request.headers) : [bearer]
  const reason = refusalOf(given, config.verifierSecrets, 'SALLYPORT_VERIFIER_SECRET')
  if (reason !== null) throw new FlowError('client_unauthorized', { reason })
}

/**
 * Requires the bearer token of Prometheus (`SALLYPORT_METRICS_SECRET`).
 *
 * @throws FlowError `client_unauthorized`.
 */
export function requireMonitor({ bearer, config: { metricsSecret } }: Exchange): void {
  const given = bearer === null ? [] : [bearer]
  const known = metricsSecret === undefined ? [] : [metricsSecret]
  const reason = refusalOf(given, known, 'SALLYPORT_METRICS_SECRET')
  if (reason !== null) throw new FlowError('client_unauthorized', { reason })
}

/** Returns whether the credential is `Basic`. If so, a refusal must name that scheme (RFC 6749 section 5.2). */
export function isBasic(headers: Headers): boolean {
  return /^basic /i.test(headers.get('authorization') ?? '')
}

/**
 * Returns the password as it was sent, and form-decoded. RFC 6749 requires that clients form-encode the password, but many do not encode
 * it.
 */
function basicPasswords(headers: Headers): string[] {
  const [, encoded] = /^basic +([a-z\d+/]+=*)$/i.exec(headers.get('authorization') ?? '') ?? []
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8')
  const password = text.slice(text.indexOf(':') + 1)
  if (!text.includes(':')) return []
  return [password, ...new URLSearchParams(`p=${password.replaceAll('&', '%26')}`).getAll('p')]
}
