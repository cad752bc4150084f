import type { endpoints } from '@sallyport/protocol/endpoints'
import { askToChangeAddress, confirmNewAddress } from '../../flows/account/change-address.ts'
import type { Handler } from '../handler.ts'
import { signedInWithoutPassword } from './signed-in-without-password.ts'

/** Requests a change of address. The account keeps its address until the new one is verified. */
export const changeAddressHandler: Handler<typeof endpoints.changeAddress> = async (
  { authenticated, body, source },
  context,
) => {
  await askToChangeAddress(context, authenticated, body, source)
  return { status: 'accepted' }
}

export const confirmAddressHandler: Handler<typeof endpoints.confirmAddress> = async (input, context) =>
  confirmNewAddress(context, input.body, await signedInWithoutPassword(input, context), input.source)
