export {
  type BackendAnswer,
  type Credentials,
  type CustomIssuer,
  type CustomIssuerOptions,
  customIssuer,
  type Send,
  type SendOptions,
} from './config/custom-issuer.ts'
export type { RefreshStore } from './config/refresh-store.ts'
