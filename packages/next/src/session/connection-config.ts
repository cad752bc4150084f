import type { Config } from '../config/config.ts'

/**
 * The members of the config that a connection to the auth server depends on. A connection gets no other members. So two configs can share
 * a connection if they are equal in these members.
 */
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
