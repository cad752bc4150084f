import { problem } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { callOwnPasskey } from '../session/own-passkeys.ts'
import { readSignInSecret, signInCookieFor } from '../session/sign-in-cookies.ts'
import { emptyResponse, jsonResponse, refusal, withCookies } from './answers.ts'
import { answerAsUser, type Incoming, withBody } from './incoming.ts'

/**
 * Begins a sign-in with a passkey. The handle with which the browser must answer stays in a cookie, which scripts cannot read. The body of
 * the request is ignored.
 */
export async function startPasskeySignIn({ runtime, browser, cookieHeader }: Incoming): Promise<Response> {
  const { authServer, config } = runtime
  const known = readSignInSecret('passkey', cookieHeader, config)
  const json = JSON.stringify({ transport: 'bearer', ...(known !== null && { handle: known }) })
  const answer = await authServer.call('startPasskeySignIn', { json }, browser)
  if (!answer.ok) return refusal(answer)
  const { ok: _, handle, ...started } = answer
  // Without the handle, nobody could answer the challenge.
  if (handle === undefined) return refusal({ ok: false, problem: problem('unavailable') })
  const cookie = signInCookieFor('passkey', handle, started.expiresIn, config)
  return withCookies(jsonResponse(started), [cookie], runtime)
}

export function renamePasskey(incoming: Incoming): Promise<Response> {
  return withBody(incoming, (json) =>
    answerAsUser(
      incoming,
      (own) => callOwnPasskey(own, 'renamePasskey', idOf(incoming), { json }),
      emptyResponse,
    ),
  )
}

export function removePasskey(incoming: Incoming): Promise<Response> {
  return answerAsUser(incoming, (own) => callOwnPasskey(own, 'removePasskey', idOf(incoming)), emptyResponse)
}

function idOf({ request }: Incoming): string {
  return new URL(request.url).pathname.slice(paths.listPasskeys.length + 1).replace(/\/$/, '')
}
