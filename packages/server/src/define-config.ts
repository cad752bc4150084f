import { didYouMean } from '@sallyport/protocol/did-you-mean'
import type { SallyportOptions } from './config/config.ts'
import { settings } from './config/settings.ts'
import { type Extensions, extensionNames, isExtension } from './extensions.ts'
import { isPlain } from './flows/session/added-claims.ts'

/** What a configuration file exports by default: any of the settings, and what the product adds in code. */
export type SallyportConfig = SallyportOptions & Extensions

/**
 * Types a configuration file, and does nothing else.
 *
 * @example
 * export default defineConfig({ productName: 'Ledgerline', userFields: { company: { type: 'text' } } })
 */
export function defineConfig(config: SallyportConfig): SallyportConfig {
  return config
}

/**
 * The settings and the rest of a configuration, which may come from anywhere.
 *
 * @throws TypeError that names what is neither.
 */
export function splitConfig(config: unknown): { options: SallyportOptions; extensions: Extensions } {
  // A promise has no members that anybody would see: taken for an empty configuration, it would start without the rules it brings.
  if (!isPlain(config))
    throw new TypeError('A configuration is one object of settings. If it is a promise, await it.')
  const entries = Object.entries(config)
  const unknown = entries.filter(([name]) => !isExtension(name) && !Object.hasOwn(settings, name))
  const known = [...Object.keys(settings), ...extensionNames]
  if (unknown.length > 0)
    throw new TypeError(
      unknown.map(([name]) => `There is no setting ${name}.${didYouMean(name, known)}`).join('\n'),
    )
  const extensions = entries.filter(([name]) => isExtension(name))
  const options = entries.filter(([name]) => !isExtension(name))
  return { options: Object.fromEntries(options), extensions: Object.fromEntries(extensions) }
}
