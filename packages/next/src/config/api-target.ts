/** An API that requests are forwarded to, and how. */
export type ApiTarget = {
  /** The URL at which Next reaches it. Its path is put before every request path. */
  url: URL
  /** The paths that the browser may reach, each with everything below it. */
  paths: readonly string[]
  timeouts: ApiTimeouts
  /** Whether its HTML, SVG and XML may run scripts on our origin. */
  trustsDocuments: boolean
}

/** Timeouts in milliseconds since the last byte in either direction. 0: no limit. */
export type ApiTimeouts = {
  connectMs: number
  /** Until the answer begins. */
  answerMs: number
  /** Between two parts of an answer; never in an event stream. */
  silenceMs: number
}
