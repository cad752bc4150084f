import { emailSchema } from '@sallyport/protocol'
import type { endpoints, Transport } from '@sallyport/protocol/endpoints'
import {
  confirmMailedSignIn,
  describeMailedSignIn,
  signInWithMailedCode,
} from '../../flows/sign-in/mailed-sign-in.ts'
import { askForSignInMail } from '../../flows/sign-in/sign-in-mail.ts'
import { FlowError } from '../../services/flow-error.ts'
import { mailedSignInCookie, readMailedSignInCookie } from '../cookies.ts'
import type { Exchange } from '../exchange.ts'
import type { Handler } from '../handler.ts'
import { TokenTransport } from '../token-transport.ts'
import { openSession } from './open-session.ts'

export const requestSignInMailHandler: Handler<typeof endpoints.requestSignInMail> = async (
  input,
  context,
) => {
  const { body, source } = input
  const transport = TokenTransport.forNewSession(input, body.transport)
  // If the address is malformed, the response is the same as for an unknown address.
  const email = emailSchema.safeParse(body.email).data ?? null
  return transport.answerMailed(await askForSignInMail(context, email, source))
}

export const signInWithMailedCodeHandler: Handler<typeof endpoints.signInWithMailedCode> = async (
  input,
  context,
) => {
  const handle = handleOf(input)
  const response = await openSession(input, context, (_, { code }, source) =>
    signInWithMailedCode(context, { code, handle }, source),
  )
  return withoutHandle(input, response)
}

export const describeMailedSignInHandler: Handler<typeof endpoints.describeMailedSignIn> = (
  { body, source, request, config },
  context,
) => {
  const handle = body.mailedSignIn ?? readMailedSignInCookie(request.headers.get('cookie'), config)
  return describeMailedSignIn(context, { token: body.token, handle }, source)
}

export const confirmMailedSignInHandler: Handler<typeof endpoints.confirmMailedSignIn> = async (
  input,
  context,
) => withoutHandle(input, await openSession(input, context, confirmMailedSignIn))

type AsksWithHandle = Exchange & {
  body: { transport?: Transport | undefined; mailedSignIn?: string | undefined }
}

/**
 * Returns the secret of the browser that requested the mail. With cookies, it is only read from the cookie, so that a page of another site
 * cannot send the secret of another browser.
 *
 * @throws FlowError `invalid_request`.
 */
function handleOf({ body, request, config }: AsksWithHandle): string | null {
  if (body.transport === 'bearer') return body.mailedSignIn ?? null
  if (body.mailedSignIn !== undefined) {
    const errors = [{ field: 'mailedSignIn', message: 'This field is allowed only with transport "bearer".' }]
    throw new FlowError('invalid_request', { details: { errors } })
  }
  return readMailedSignInCookie(request.headers.get('cookie'), config)
}

/** Clears the cookie of the browser after the code or the link was used. */
function withoutHandle({ request, config }: Exchange, response: Response): Response {
  if (readMailedSignInCookie(request.headers.get('cookie'), config) !== null)
    response.headers.append('set-cookie', mailedSignInCookie('', 0, config))
  return response
}
