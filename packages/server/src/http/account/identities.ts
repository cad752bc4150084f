import type { endpoints } from '@sallyport/protocol/endpoints'
import { describeIdentities, unlinkIdentity } from '../../flows/account/identities.ts'
import type { Handler } from '../handler.ts'

export const listIdentitiesHandler: Handler<typeof endpoints.listIdentities> = async (
  { authenticated, source },
  context,
) => ({ identities: await describeIdentities(context, authenticated, source) })

export const unlinkIdentityHandler: Handler<typeof endpoints.unlinkIdentity> = (
  { authenticated, parameters, source },
  context,
) => unlinkIdentity(context, authenticated, parameters.id ?? '', source)
