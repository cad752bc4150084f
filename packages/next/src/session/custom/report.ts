const reported = new Set<string>()
/** The maximum number of messages to log. They may differ from user to user, so there could be any number of them. */
const maxReported = 100

/** Logs once what is wrong with the app's `customIssuer`, for the developer. The message must not contain a token. */
export function report(message: string): void {
  if (reported.has(message) || reported.size >= maxReported) return
  reported.add(message)
  console.error(`Sallyport, customIssuer: ${message}`)
}
