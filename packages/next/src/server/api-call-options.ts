type Scalar = string | number | boolean
/** Options of each call of your API. */
export type ApiCallOptions = {
  /** The query; `undefined`, `null` and empty strings are left out, an array repeats its name. */
  search?: Record<string, Scalar | readonly Scalar[] | null | undefined>
  /** Request headers. `Authorization` is always the session's; `Accept` is `application/json` unless you set it. */
  headers?: HeadersInit
  /** Aborts the call with the signal's reason. */
  signal?: AbortSignal
  /** Seconds for the complete call, including the body of the answer. Default: 30; at most 3,600. */
  timeoutSeconds?: number
}
