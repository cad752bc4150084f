/**
 * Reads and checks the settings now. If a setting is wrong and `NODE_ENV` is `production`, it prints one line on standard error and ends
 * the process. If it threw an error in `register`, Next would continue and answer all requests with 500.
 *
 * @throws TypeError if a setting is wrong and `NODE_ENV` is not `production`.
 */
export function requireSettings(resolve: () => unknown): void {
  try {
    resolve()
  } catch (error) {
    if (process.env.NODE_ENV !== 'production') throw error
    console.error(`Sallyport: ${error instanceof Error ? error.message : error}`)
    process.exit(1)
  }
}
