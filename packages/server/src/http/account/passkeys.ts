import type { endpoints } from '@sallyport/protocol/endpoints'
import { addPasskeyOf, startPasskey } from '../../flows/account/add-passkey.ts'
import { passkeysOf, removePasskeyOf, renamePasskeyOf } from '../../flows/account/passkeys.ts'
import type { Handler } from '../handler.ts'

export const listPasskeysHandler: Handler<typeof endpoints.listPasskeys> = (
  { authenticated, source },
  context,
) => passkeysOf(context, authenticated, source)

export const startPasskeyHandler: Handler<typeof endpoints.startPasskey> = (
  { authenticated, source },
  context,
) => startPasskey(context, authenticated, source)

export const addPasskeyHandler: Handler<typeof endpoints.addPasskey> = (
  { authenticated, body, source },
  context,
) => addPasskeyOf(context, authenticated, body, source)

export const renamePasskeyHandler: Handler<typeof endpoints.renamePasskey> = (
  { authenticated, body, parameters, source },
  context,
) => renamePasskeyOf(context, authenticated, { id: parameters.id ?? '', name: body.name }, source)

export const removePasskeyHandler: Handler<typeof endpoints.removePasskey> = (
  { authenticated, parameters, source },
  context,
) => removePasskeyOf(context, authenticated, parameters.id ?? '', source)
