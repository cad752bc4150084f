/** An API to which requests are forwarded. */
export type ApiTarget = {
  /** The URL at which Next reaches the API. The path of this URL is put before every request path. */
  url: URL
  /** The paths that the browser may request. Everything below such a path is included. */
  paths: readonly string[]
  timeouts: ApiTimeouts
  /** Whether HTML, SVG and XML of this API may run scripts on our origin. */
  trustsDocuments: boolean
}

/** Timeouts in milliseconds. Each byte in either direction restarts the time. 0 means no limit. */
export type ApiTimeouts = {
  connectMs: number
  /** The longest wait until the answer begins. */
  answerMs: number
  /** The longest wait between two parts of an answer. It does not apply to event streams. */
  silenceMs: number
}
