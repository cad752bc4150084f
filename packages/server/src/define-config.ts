import { didYouMean } from '@sallyport/protocol/did-you-mean'
import type { SallyportOptions } from './config/config.ts'
import { settings } from './config/settings/settings.ts'
import { type Customizations, customizationNames, isCustomization } from './customizations.ts'
import { isPlain } from './flows/session/added-claims.ts'

/** The default export of a configuration file: any of the settings, and the code that the app adds. */
export type SallyportSettings = SallyportOptions & Customizations

/**
 * Returns the configuration unchanged. Use this function so that the editor and the compiler check the types of a configuration file.
 *
 * @example
 * export default defineConfig({ productName: 'Ledgerline', userFields: { company: { type: 'text' } } })
 */
export function defineConfig(settings: SallyportSettings): SallyportSettings {
  return settings
}

/**
 * Splits a configuration of unknown type into settings and customizations.
 *
 * @throws TypeError when a member is neither a setting nor a customization. The message contains the names of all such members.
 */
export function splitSettings(config: unknown): {
  options: SallyportOptions
  customizations: Customizations
} {
  // A promise has no enumerable members. So it would count as an empty configuration, and the settings in it would be ignored.
  if (!isPlain(config))
    throw new TypeError('The configuration must be a plain object of settings. If it is a promise, await it.')
  const entries = Object.entries(config)
  const unknown = entries.filter(([name]) => !isCustomization(name) && !Object.hasOwn(settings, name))
  const known = [...Object.keys(settings), ...customizationNames]
  if (unknown.length > 0)
    throw new TypeError(
      unknown.map(([name]) => `There is no setting ${name}.${didYouMean(name, known)}`).join('\n'),
    )
  const customizations = entries.filter(([name]) => isCustomization(name))
  const options = entries.filter(([name]) => !isCustomization(name))
  return { options: Object.fromEntries(options), customizations: Object.fromEntries(customizations) }
}
