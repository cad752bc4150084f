const reported = new Set<string>()

/** Tells the developer once what is wrong with their `customIssuer`; whoever is signing in cannot mend it. Never holds a token. */
export function report(message: string): void {
  if (reported.has(message)) return
  reported.add(message)
  console.error(`Sallyport, customIssuer: ${message}`)
}
