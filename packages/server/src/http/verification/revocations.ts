import { revocationStream } from '../revocation-stream.ts'
import type { Route } from '../route.ts'
import { requireVerifier } from '../verifier-credential.ts'

/** `GET revocations`, for verifiers: a stream of Server-Sent Events. */
export const revocationsRoute: Route = (exchange, { revocations }) => {
  requireVerifier(exchange)
  return revocationStream(revocations, exchange.request.headers.get('last-event-id'))
}
