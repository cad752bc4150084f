import type { Endpoint, Method } from '@sallyport/protocol/endpoints'
import type { Config } from '../config/config.ts'
import type { Handler } from './handler.ts'
import { handlers } from './handlers.ts'
import { openEndpoints } from './open-endpoints.ts'
import { type Route, serve } from './serve.ts'

export type Methods = Partial<Record<Method, Route>>

/** Returns every path that the settings enable, with its methods. Other paths get 404, other methods get 405. */
export function routesOf(config: Config): Record<string, Methods> {
  const routes: Record<string, Methods> = {}
  for (const [name, row] of openEndpoints(config)) {
    const path = row.path.replace(/\{(\w+)\}/g, ':$1')
    const handler = handlers[name] as unknown as Handler<Endpoint>
    routes[path] = { ...routes[path], [row.method]: serve(row, handler, config) }
  }
  return routes
}
