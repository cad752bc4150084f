const reported = new Set<string>()
/** The maximum number of messages that are logged. There is a limit because a message may differ for each user. */
const maxReported = 100

/** Logs an error of the app's `customIssuer` for the developer, each message only once. The message must not contain a token. */
export function report(message: string): void {
  if (reported.has(message) || reported.size >= maxReported) return
  reported.add(message)
  console.error(`Sallyport, customIssuer: ${message}`)
}
