import type { endpoints } from '@sallyport/protocol/endpoints'
import { reauthenticate } from '../../flows/sign-in/reauthenticate.ts'
import type { Handler } from '../handler.ts'

export const reauthenticateHandler: Handler<typeof endpoints.reauthenticate> = (
  { authenticated, body, source },
  context,
) => reauthenticate(context, authenticated, body, source)
