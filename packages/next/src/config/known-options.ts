import { didYouMean } from '@sallyport/protocol/did-you-mean'

/**
 * Refuses an option that nobody reads: a misspelt one would leave a default in force.
 *
 * @throws TypeError naming it, and the options that there are.
 */
export function requireKnownOptions(of: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options))
    if (!known.includes(name))
      throw new TypeError(
        `${of} has no option \`${name}\`.${didYouMean(name, known)} The options are ${known.join(', ')}.`,
      )
}

/** @throws TypeError for what is no list of paths: a text would be taken apart into letters. */
export function requirePathList(option: string, paths: unknown): void {
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string' && path.startsWith('/')))
    throw new TypeError(`\`${option}\` must be a list of paths, such as ['/invoices'].`)
}
