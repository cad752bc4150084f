import type { Config } from '../config/config.ts'

/** The members of the config that a connection to the auth server uses. It gets no others, so its key in the registry is always complete. */
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
