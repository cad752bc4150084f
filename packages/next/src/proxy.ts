export type { AuthOptions } from './config/configuration.ts'
export { authProxy, type ProxyOptions } from './proxy/auth-proxy.ts'
export type { CarriedSession } from './session/adopt-session.ts'
