import type { endpoints } from '@sallyport/protocol/endpoints'
import { introspect } from '../../flows/session/introspect.ts'
import type { Handler } from '../handler.ts'

/** Reports whether a token is valid (RFC 7662 section 2). */
export const introspectHandler: Handler<typeof endpoints.introspect> = ({ body }, context) =>
  introspect(context, body.token)
