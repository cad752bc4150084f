import { didYouMean } from '@sallyport/protocol/did-you-mean'

/**
 * Refuses an unknown option. If a misspelt option were ignored, its default would be used without a message.
 *
 * @throws TypeError if an option is unknown. The message names it and lists the known options.
 */
export function requireKnownOptions(of: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options))
    if (!known.includes(name))
      throw new TypeError(
        `${of} has no option \`${name}\`.${didYouMean(name, known)} The options are ${known.join(', ')}.`,
      )
}

/** @throws TypeError if the value is not a list of paths. A string is refused too, because a loop over it would get single characters. */
export function requirePathList(option: string, paths: unknown): void {
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string' && path.startsWith('/')))
    throw new TypeError(`\`${option}\` must be a list of paths, such as ['/invoices'].`)
}
