import type { endpoints } from '@sallyport/protocol/endpoints'
import { providerTokenOf } from '../../flows/account/provider-token.ts'
import type { Handler } from '../handler.ts'

export const readProviderTokenHandler: Handler<typeof endpoints.readProviderToken> = (
  { authenticated, body, source },
  context,
) => providerTokenOf(context, authenticated, body.provider, source)
