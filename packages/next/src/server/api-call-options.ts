type Scalar = string | number | boolean
/** What each call of your API takes. */
export type ApiCallOptions = {
  /** The query; `undefined`, `null` and empty strings are left out, an array repeats its name. */
  search?: Record<string, Scalar | readonly Scalar[] | null | undefined>
  /** Sent with the call. `Authorization` is always the session's; `Accept` is `application/json` unless it is named here. */
  headers?: HeadersInit
  /** Ends the call with the signal's own reason. */
  signal?: AbortSignal
  /** Seconds for the whole call, the answer's body included. Default: 30; at most 3,600. */
  timeoutSeconds?: number
}
