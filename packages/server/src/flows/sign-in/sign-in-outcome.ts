import type { RequestSource } from '../../services/context.ts'
import { FlowError, isRefusal } from '../../services/flow-error.ts'
import type { SignInOutcome } from '../../telemetry/metrics.ts'

/** Runs a sign-in or a sign-up, and counts its outcome. */
export async function countOutcome<T>(
  count: (outcome: SignInOutcome) => void,
  { signal }: Pick<RequestSource, 'signal'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    const result = await work()
    count('success')
    return result
  } catch (error) {
    count(outcomeOf(error, signal))
    throw error
  }
}

function outcomeOf(error: unknown, signal: RequestSource['signal']): SignInOutcome {
  if (isRefusal(error)) return 'refused'
  if (!(error instanceof FlowError) || error.code !== 'server_busy') return 'failed'
  return signal?.aborted ? 'gone' : 'busy'
}
