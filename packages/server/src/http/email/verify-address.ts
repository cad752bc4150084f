import { emailSchema } from '@sallyport/protocol'
import type { endpoints } from '@sallyport/protocol/endpoints'
import { askForVerification, verifyAddress } from '../../flows/account/verify-address.ts'
import { privateJson } from '../answers.ts'
import type { Handler } from '../handler.ts'
import { answerSignIn, requireNoReplacedCookie } from '../sign-in/open-session.ts'
import { TokenTransport } from '../token-transport.ts'
import { signedInWithoutPassword } from './signed-in-without-password.ts'

export const resendVerificationHandler: Handler<typeof endpoints.resendVerification> = async (
  { body, source },
  context,
) => {
  // If the address is malformed, the response is the same as for an unknown address.
  await askForVerification(context, emailSchema.safeParse(body.email).data ?? null, source)
  return { status: 'accepted' }
}

/** Verifies the address. Signs the caller in, unless the caller is already signed in to the account. */
export const verifyAddressHandler: Handler<typeof endpoints.verifyAddress> = async (input, context) => {
  const { body, source } = input
  const authenticated = await signedInWithoutPassword(input, context)
  // If the caller is signed in already, `verifyAddress` begins no new session.
  const transport =
    authenticated === null || body.transport === 'bearer'
      ? TokenTransport.forNewSession(input, body.transport)
      : null
  if (transport !== null) requireNoReplacedCookie(transport, body)
  const result = await verifyAddress(context, body, authenticated, source)
  if (result.status === 'verified') return privateJson({ user: result.user })
  // Without a transport, the caller is signed in, and no session begins.
  if (transport === null) throw new TypeError('A session has begun for a caller who is signed in.')
  return answerSignIn(input, transport, context, result)
}
