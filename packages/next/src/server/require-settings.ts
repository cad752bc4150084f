/**
 * Reads and checks the settings now.
 *
 * @throws TypeError in development. With `NODE_ENV=production` the process ends with one line on standard error, because Next continues
 * after an error in `register` and would answer all requests with 500.
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
