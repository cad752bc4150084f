import type { endpoints } from '@sallyport/protocol/endpoints'
import { finishProvider } from '../../flows/sign-in/provider-sign-in.ts'
import { holdProviderCallback, startProvider } from '../../flows/sign-in/provider-start.ts'
import { privateJson } from '../answers.ts'
import type { Handler } from '../handler.ts'
import { signedIn } from '../serve.ts'
import { TokenTransport } from '../token-transport.ts'
import { answerSignIn, requireNoReplacedCookie } from './open-session.ts'

export const listProvidersHandler: Handler<typeof endpoints.listProviders> = (_, { providers, config }) => ({
  providers: [...providers.values()].map(({ name, label }) => ({ name, label })),
  passkeys: config.passkeys,
  mailedSignIn: config.mailedSignIn === 'on',
})

export const startProviderHandler: Handler<typeof endpoints.startProvider> = async (input, context) => {
  const { body, source } = input
  const transport = TokenTransport.forNewSession(input, body.transport)
  const { purpose = 'sign_in' } = body
  const own = purpose === 'sign_in' ? null : { purpose, authenticated: await signedIn(input, context) }
  const { url, handle, expiresIn } = await startProvider(context, body, own, source)
  return transport.answerSecret('providerState', handle, { url, expiresIn })
}

export const holdProviderCallbackHandler: Handler<typeof endpoints.holdProviderCallback> = (
  { body, source },
  context,
) => holdProviderCallback(context, body, source)

export const finishProviderHandler: Handler<typeof endpoints.finishProvider> = async (input, context) => {
  const { body, source } = input
  const transport = TokenTransport.forNewSession(input, body.transport)
  requireNoReplacedCookie(transport, body)
  const handle = transport.secretOf('providerState', body)
  const { result, returnTo } = await finishProvider(
    context,
    body,
    handle,
    () => signedIn(input, context),
    source,
  )
  const extra = returnTo === null ? {} : { returnTo }
  const answer =
    result.status === 'linked' || result.status === 'confirmed'
      ? privateJson({ ...result, ...extra })
      : await answerSignIn(input, transport, context, result, extra)
  return transport.without('providerState', answer)
}
