import type { Configuration } from '../config/configuration.ts'

/** What shapes a connection to our auth server. Nothing else of a configuration reaches it, so that nothing can be missing in its key. */
const shaping = [
  'serverUrl',
  'issuer',
  'audience',
  'appUrl',
  'serverTimeoutMs',
  'clockToleranceSeconds',
  'frontendSecret',
  'verifierSecret',
] as const satisfies (keyof Configuration)[]

export type ConnectionSettings = Pick<Configuration, (typeof shaping)[number]>

export function connectionSettings(config: Configuration): ConnectionSettings {
  return Object.fromEntries(shaping.map((name) => [name, config[name]])) as ConnectionSettings
}
