import { type Endpoint, type EndpointName, endpoints } from '@sallyport/protocol/endpoints'
import type { Config } from '../config/config.ts'

/** Returns the endpoints that these settings enable. */
export function openEndpoints(
  settings: Pick<
    Config,
    'metricsSecret' | 'developmentInbox' | 'apiReference' | 'passkeys' | 'mailedSignIn' | 'organizations'
  >,
): [name: EndpointName, row: Endpoint][] {
  return (Object.entries(endpoints) as [EndpointName, Endpoint][]).filter(
    ([, { onlyWith }]) =>
      onlyWith === undefined || (Boolean(settings[onlyWith]) && settings[onlyWith] !== 'off'),
  )
}
