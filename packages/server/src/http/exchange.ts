import type { Config } from '../config/config.ts'
import type { Device } from '../flows/context.ts'
import type { RequestCookies } from './cookies.ts'

/** One request, with what has been read of it. */
export type Exchange = {
  request: Request
  config: Config
  cookies: RequestCookies
  device: Device
  requestId: string
}
