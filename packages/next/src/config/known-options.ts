import { didYouMean } from '@sallyport/protocol/did-you-mean'

/**
 * Refuses an unknown option, because a misspelt option would silently leave its default.
 *
 * @throws TypeError naming it, and the known options.
 */
export function requireKnownOptions(of: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options))
    if (!known.includes(name))
      throw new TypeError(
        `${of} has no option \`${name}\`.${didYouMean(name, known)} The options are ${known.join(', ')}.`,
      )
}

/** @throws TypeError if the value is not a list of paths. A string would be split into its characters. */
export function requirePathList(option: string, paths: unknown): void {
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string' && path.startsWith('/')))
    throw new TypeError(`\`${option}\` must be a list of paths, such as ['/invoices'].`)
}
