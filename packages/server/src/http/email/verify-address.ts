import { emailSchema } from '@sallyport/protocol'
import type { endpoints } from '@sallyport/protocol/endpoints'
import { askForVerification, verifyAddress } from '../../flows/account/verify-address.ts'
import { privateJson } from '../answers.ts'
import type { Handler } from '../handler.ts'
import { endReplacedSession, requireNoReplacedCookie } from '../sign-in/open-session.ts'
import { TokenTransport } from '../token-transport.ts'
import { signedInWithoutPassword } from './signed-in-without-password.ts'

export const resendVerificationHandler: Handler<typeof endpoints.resendVerification> = async (
  { body, source },
  context,
) => {
  // A malformed address gets the same answer as an unknown one.
  await askForVerification(context, emailSchema.safeParse(body.email).data ?? null, source)
  return { status: 'accepted' }
}

/** Signs in, unless the caller is signed in to the account already. */
export const verifyAddressHandler: Handler<typeof endpoints.verifyAddress> = async (input, context) => {
  const { body, source } = input
  const authenticated = await signedInWithoutPassword(input, context)
  // A caller who is signed in gets no new session: see the flow.
  const transport =
    authenticated === null || body.transport === 'bearer'
      ? TokenTransport.forNewSession(input, body.transport)
      : null
  if (transport !== null) requireNoReplacedCookie(transport, body)
  const { user, tokens } = await verifyAddress(context, body, authenticated, source)
  if (tokens === null || transport === null) return privateJson({ user })
  await endReplacedSession(input, transport, context)
  return transport.answer({ user }, tokens)
}
