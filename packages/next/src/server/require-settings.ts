/**
 * Resolves the settings now.
 *
 * @throws TypeError while developing. With `NODE_ENV=production` the process ends instead, with one line on standard error: Next goes on
 * after an error in `register`, and would answer every request with 500.
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
