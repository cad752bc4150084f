/**
 * A sign-in at a provider that has failed. `cancelled`: the user or the provider has refused it. `expired`: the code is no longer valid.
 * `failed`: the provider cannot be reached, or its answer did not pass a check.
 */
export class ProviderError extends Error {
  readonly kind: 'cancelled' | 'expired' | 'failed'
  /** The reason for the log. It contains nothing that the provider has written, except codes of the standard. */
  readonly reason: string
  constructor(kind: 'cancelled' | 'expired' | 'failed', reason: string, cause?: unknown) {
    super(reason, { cause })
    this.name = 'ProviderError'
    this.kind = kind
    this.reason = reason
  }
}
