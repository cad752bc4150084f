import { FlowError } from '../services/flow-error.ts'
import type { Exchange } from './exchange.ts'
import { refusalOf } from './secret-comparison.ts'

/**
 * Requires a verifier: an API or front end with `SALLYPORT_VERIFIER_SECRET`, as a bearer token or, for OAuth libraries, as the password of
 * `Basic` (RFC 6749 section 2.3.1). There are no client ids here, so any user name is accepted.
 *
 * @throws FlowError `client_unauthorized`.
 */
export function requireVerifier({ request, bearer, config }: Exchange): void {
  const given = bearer === null ? basicPasswords(request.headers) : [bearer]
  const reason = refusalOf(given, config.verifierSecrets, 'SALLYPORT_VERIFIER_SECRET')
  if (reason !== null) throw new FlowError('client_unauthorized', { reason })
}

/**
 * Requires Prometheus, with its own bearer token.
 *
 * @throws FlowError `client_unauthorized`.
 */
export function requireMonitor({ bearer, config: { metricsSecret } }: Exchange): void {
  const given = bearer === null ? [] : [bearer]
  const known = metricsSecret === undefined ? [] : [metricsSecret]
  const reason = refusalOf(given, known, 'SALLYPORT_METRICS_SECRET')
  if (reason !== null) throw new FlowError('client_unauthorized', { reason })
}

/** Whether the credential is `Basic`, so that a refusal must name that scheme (RFC 6749 section 5.2). */
export function isBasic(headers: Headers): boolean {
  return /^basic /i.test(headers.get('authorization') ?? '')
}

/** Returns the password raw and decoded: RFC 6749 requires form encoding, but many clients do not encode it. */
function basicPasswords(headers: Headers): string[] {
  const [, encoded] = /^basic +([a-z\d+/]+=*)$/i.exec(headers.get('authorization') ?? '') ?? []
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8')
  const password = text.slice(text.indexOf(':') + 1)
  if (!text.includes(':')) return []
  return [password, ...new URLSearchParams(`p=${password.replaceAll('&', '%26')}`).getAll('p')]
}
