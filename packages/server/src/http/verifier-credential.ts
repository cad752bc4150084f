import { FlowError } from '../flows/flow-error.ts'
import type { Exchange } from './exchange.ts'
import { isOneOf } from './secret-comparison.ts'

/**
 * Lets verifiers in: APIs and front ends that hold `SALLYPORT_VERIFIER_SECRET`.
 *
 * @throws FlowError `client_unauthorized`.
 */
export function requireVerifier({ bearer, config }: Exchange): void {
  if (bearer === null || !isOneOf(bearer, config.verifierSecrets)) throw new FlowError('client_unauthorized')
}
