import type { ProvidersResponse } from '@sallyport/protocol/endpoints'
import { headers } from 'next/headers.js'
import { browserDetailsOf } from '../request/browser-details.ts'
import type { Runtime } from '../session/runtime.ts'

/** The ways to sign in that the auth server offers beside the password. They are the same for every user. */
export type WaysToSignIn = {
  /** The outside providers, in the order of the settings. `label` is the text for the button. */
  providers: ProvidersResponse['providers']
  /** Whether users can sign in with passkeys (docs/passkeys.md). */
  passkeys: boolean
  /** Whether users can sign in with a mailed code or link (docs/mailed-sign-in.md). */
  mailedSignIn: boolean
}

/** Asks the auth server which ways to sign in it offers. If it cannot be reached, the result has none. */
export async function readWaysToSignIn(runtime: () => Runtime): Promise<WaysToSignIn> {
  // This call is first, because it tells Next during the build that the page depends on the request.
  const requestHeaders = await headers()
  return waysFor(runtime(), requestHeaders)
}

/** Asks for the ways to sign in, for the browser that has sent these headers. */
export async function waysFor(
  { authServer, config }: Pick<Runtime, 'authServer' | 'config'>,
  requestHeaders: Headers,
): Promise<WaysToSignIn> {
  const answer = await authServer.call('listProviders', {}, browserDetailsOf(requestHeaders, config))
  if (!answer.ok) return { providers: [], passkeys: false, mailedSignIn: false }
  const { providers, passkeys, mailedSignIn } = answer
  return { providers, passkeys, mailedSignIn }
}
