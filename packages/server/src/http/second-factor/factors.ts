import type { endpoints } from '@sallyport/protocol/endpoints'
import {
  describeFactors,
  forgetTrustedBrowsers,
  makeRecoveryCodes,
  removeFactor,
  renameFactor,
} from '../../flows/account/factors.ts'
import type { Handler } from '../handler.ts'

export const listFactorsHandler: Handler<typeof endpoints.listFactors> = (
  { authenticated, source },
  context,
) => describeFactors(context, authenticated, source)

export const renameFactorHandler: Handler<typeof endpoints.renameFactor> = (
  { authenticated, body, source },
  context,
) => renameFactor(context, authenticated, body, source)

export const removeFactorHandler: Handler<typeof endpoints.removeFactor> = (
  { authenticated, body, source },
  context,
) => removeFactor(context, authenticated, body.id, source)

export const makeRecoveryCodesHandler: Handler<typeof endpoints.makeRecoveryCodes> = async (
  { authenticated, source },
  context,
) => ({ recoveryCodes: await makeRecoveryCodes(context, authenticated, source) })

export const forgetTrustedBrowsersHandler: Handler<typeof endpoints.forgetTrustedBrowsers> = (
  { authenticated, source },
  context,
) => forgetTrustedBrowsers(context, authenticated, source)
