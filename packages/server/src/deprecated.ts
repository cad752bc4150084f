// These are former names of exports. They are kept for one version.
import type { SallyportOptions } from './config/config.ts'
import type { HostOptions } from './create-context.ts'
import type { Customizations } from './customizations.ts'
import { type SallyportSettings, splitSettings } from './define-config.ts'

/**
 * The former name of {@link HostOptions}.
 *
 * @deprecated Use {@link HostOptions}.
 */
export type Dependencies = HostOptions

/**
 * The former name of {@link Customizations}.
 *
 * @deprecated Use {@link Customizations}.
 */
export type Extensions = Customizations

/**
 * The former name of {@link SallyportSettings}.
 *
 * @deprecated Use {@link SallyportSettings}.
 */
export type SallyportConfig = SallyportSettings

/**
 * Returns the settings and the code of a configuration file.
 *
 * @deprecated Use {@link splitSettings}.
 *
 * @throws TypeError when a member is neither a setting nor a customization. The message contains the names of all such members.
 */
export function splitConfig(config: unknown): { options: SallyportOptions; extensions: Customizations } {
  const { options, customizations } = splitSettings(config)
  return { options, extensions: customizations }
}
