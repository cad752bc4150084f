import type { endpoints } from '@sallyport/protocol/endpoints'
import { addTotp, beginTotp } from '../../flows/account/add-totp.ts'
import type { Handler } from '../handler.ts'

export const startTotpHandler: Handler<typeof endpoints.startTotp> = (
  { authenticated, body, source },
  context,
) => beginTotp(context, authenticated, body.name, source)

export const confirmTotpHandler: Handler<typeof endpoints.confirmTotp> = (
  { authenticated, body, source },
  context,
) => addTotp(context, authenticated, body, source)
