const reported = new Set<string>()
/** What the messages say may differ from person to person: after so many there is nothing new to learn. */
const maxReported = 100

/** Tells the developer once what is wrong with their `customIssuer`; whoever is signing in cannot mend it. Never holds a token. */
export function report(message: string): void {
  if (reported.has(message) || reported.size >= maxReported) return
  reported.add(message)
  console.error(`Sallyport, customIssuer: ${message}`)
}
