import type { PasskeyResult } from '@sallyport/next/passkeys'

type Failure = Extract<PasskeyResult, { ok: false }>

const sentences: Record<Exclude<Failure['reason'], 'refused'>, string> = {
  cancelled: 'No passkey was used. Try again, or use another way.',
  timed_out: 'No passkey was used in time. Try again, or use another way.',
  exists: 'This device has a passkey for your account already.',
  unsupported: 'This browser cannot use passkeys here. Use another way.',
  unavailable: 'The service cannot be reached right now. Try again in a moment.',
}

/** Returns the sentence for a passkey that was not used or not accepted. */
export function passkeyMessage(failure: Failure): string {
  if (failure.reason !== 'refused') return sentences[failure.reason]
  const { problem } = failure
  if (problem.errors?.some(({ field }) => field === 'credential.id'))
    return 'No account uses this passkey any more. Sign in another way, then add a new one.'
  if (problem.status === 429) return 'Too many attempts. Wait a moment, then try again.'
  return problem.detail ?? problem.title
}
