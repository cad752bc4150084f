import type { User } from '@sallyport/protocol'
import { type Identity, paths } from '@sallyport/protocol/endpoints'
import { type Callback, visitProvider } from './outside-providers.ts'
import { bearer, type TestServer } from './sallyport.ts'

type Body = {
  code?: string
  status?: string
  user?: User
  accessToken?: string
  refreshToken?: string
  returnTo?: string
  identity?: Identity
  pendingSignIn?: string
}
type Options = { returnTo?: string; purpose?: 'link' | 'confirm'; accessToken?: string }

/** Functions that sign in at a provider, as a front end does that sends tokens in the body. */
export function providerDriver(server: TestServer) {
  const start = async (provider: string, { accessToken, ...details }: Options = {}) => {
    const answer = await server.post(
      paths.startProvider,
      { provider, ...details, transport: 'bearer' },
      accessToken === undefined ? {} : bearer(accessToken),
    )
    if (answer.status !== 200) throw new Error(await answer.text())
    return (await answer.json()) as { url: string; providerState: string }
  }
  const finish = async (
    provider: string,
    callback: Callback,
    providerState?: string,
    accessToken?: string,
  ) => {
    const body = { provider, callback, transport: 'bearer', ...(providerState && { providerState }) }
    const answer = await server.post(
      paths.finishProvider,
      body,
      accessToken === undefined ? {} : bearer(accessToken),
    )
    return { status: answer.status, body: (await answer.json()) as Body }
  }
  return {
    start,
    finish,
    async signIn(provider: string, account: string | null = 'johndoe', options: Options = {}) {
      const { url, providerState } = await start(provider, options)
      return finish(provider, await visitProvider(url, account), providerState, options.accessToken)
    },
    async inbox() {
      const answer = await server.get(paths.inbox)
      return ((await answer.json()) as { mails: { to: string; subject: string; text: string }[] }).mails
    },
  }
}
