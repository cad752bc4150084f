import type { Config } from '../config/config.ts'

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
] as const satisfies (keyof Config)[]

export type ConnectionConfig = Pick<Config, (typeof shaping)[number]>

export function connectionConfigOf(config: Config): ConnectionConfig {
  return Object.fromEntries(shaping.map((name) => [name, config[name]])) as ConnectionConfig
}
