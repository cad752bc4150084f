import type { endpoints } from '@sallyport/protocol/endpoints'
import type { Handler } from '../handler.ts'

export const inboxHandler: Handler<typeof endpoints.inbox> = async (_, { mailer }) => ({
  mails: await mailer.inbox(),
})
