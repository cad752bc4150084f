type Scalar = string | number | boolean
/** Options of a call to your API. */
export type ApiCallOptions = {
  /** The query. Values that are `undefined`, `null` or an empty string are left out. For an array, the name is repeated. */
  search?: Record<string, Scalar | readonly Scalar[] | null | undefined>
  /** Request headers. `Authorization` always has the token of the session. `Accept` is `application/json` unless you set it. */
  headers?: HeadersInit
  /** If this signal is aborted, the call is aborted and throws the signal's reason. */
  signal?: AbortSignal
  /** The timeout for the complete call, including the body of the answer, in seconds. Default: 30; at most 3,600. */
  timeoutSeconds?: number
}
