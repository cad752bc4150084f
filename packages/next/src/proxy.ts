export type { AuthOptions } from './config/configuration.ts'
export { authProxy, type ProxyOptions } from './proxy/auth-proxy.ts'
