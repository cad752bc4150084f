/** An API that requests are forwarded to, and how. */
export type ApiTarget = {
  /** Where Next reaches it; its path stands before every other. */
  url: URL
  /** What the browser may reach of it, each with all below it. */
  paths: readonly string[]
  timeouts: ApiTimeouts
  /** Whether its HTML, SVG and XML may run scripts on our origin. */
  trustsDocuments: boolean
}

/** Milliseconds, each from the last byte that went either way. 0: no limit. */
export type ApiTimeouts = {
  connectMs: number
  /** Until the answer begins. */
  answerMs: number
  /** Between two parts of an answer; never in an event stream. */
  silenceMs: number
}
