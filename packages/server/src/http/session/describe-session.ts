import type { endpoints } from '@sallyport/protocol/endpoints'
import { describeSession } from '../../flows/session/describe-session.ts'
import type { Handler } from '../handler.ts'

export const describeSessionHandler: Handler<typeof endpoints.readSession> = ({ authenticated }, context) =>
  describeSession(context, authenticated)
