import { type Endpoint, type EndpointName, endpoints } from '@sallyport/protocol/endpoints'
import type { Config } from '../config/config.ts'

/** The endpoints that these settings open. */
export function openEndpoints(
  settings: Pick<Config, 'metricsSecret' | 'developmentInbox' | 'apiReference'>,
): [name: EndpointName, row: Endpoint][] {
  return (Object.entries(endpoints) as [EndpointName, Endpoint][]).filter(
    ([, { onlyWith }]) => onlyWith === undefined || Boolean(settings[onlyWith]),
  )
}
