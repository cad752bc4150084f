import { isErrorCode, problemResponse } from '@sallyport/protocol'
import { confirmAddress, loginAddress } from '../paths/login-address.ts'
import type { ProviderPath } from '../paths/provider-path.ts'
import { ownPath } from '../paths/return-to.ts'
import { browserPath } from '../paths/served-paths.ts'
import { boundedForm } from '../request/bounded-text.ts'
import { leavePage } from '../request/leave-page.ts'
import { isFirstHop, repeatCounter, sameSiteRepeat } from '../request/same-site-reload.ts'
import { beginSession } from '../session/begin-session.ts'
import { renewNow, retryRenewed } from '../session/call-as-user.ts'
import {
  maxReturnToLength,
  type ProviderPurpose,
  type ProviderState,
  providerStateCookieFor,
  purposeOf,
  readProviderState,
} from '../session/provider-state-cookie.ts'
import { resolveSession } from '../session/resolve-session.ts'
import { type CookieChange, cookieHeaderAfter } from '../session/session-cookies.ts'
import { clearedSignInCookie } from '../session/sign-in-cookies.ts'
import { withCookies } from './answers.ts'
import { changesOf, type Incoming } from './incoming.ts'

/**
 * Answers a navigation of the browser to a path of a provider. Every response opens another page, because a user sees it.
 * No response contains a text of the provider.
 */
export async function providerResponse(
  incoming: Incoming,
  { provider, isCallback }: ProviderPath,
): Promise<Response> {
  const { method } = incoming.request
  if (!isCallback)
    return method === 'POST'
      ? start(incoming, provider)
      : problemResponse('method_not_allowed', {}, { allow: 'POST' })
  if (method === 'POST') return holdCallback(incoming, provider)
  if (method === 'GET') return finish(incoming, provider)
  return problemResponse('method_not_allowed', {}, { allow: 'GET, POST' })
}

/** Begins a sign-in at a provider, links it to the account, or confirms there who the user is. The request is a form of our own page; its origin has been checked. */
async function start(incoming: Incoming, provider: string): Promise<Response> {
  const { request, runtime, browser } = incoming
  const { config, authServer } = runtime
  const form = await boundedForm(request)
  if ('refused' in form) return problemResponse(form.refused)
  const { values } = form
  const purpose = purposeOf(values.purpose)
  const wanted = values.returnTo ? ownPath(values.returnTo, config.appUrl, config.homePath) : null
  const returnTo = wanted !== null && wanted.length <= maxReturnToLength ? wanted : null
  const json = JSON.stringify({ provider, purpose, transport: 'bearer' })
  const own = purpose === 'sign_in' ? null : await resolved(incoming)
  const before = own?.changes ?? []
  const { answer, changes } =
    own?.session == null
      ? { answer: await authServer.call('startProvider', { json }, browser), changes: [] }
      : await retryRenewed(own.session, ({ session }) =>
          authServer.call('startProvider', { json, accessToken: session.accessToken }, browser),
        )
  const kept = changes.length > 0 ? changes : before
  if (!answer.ok) return failed(incoming, { purpose, returnTo }, answer.problem.code, kept)
  const { url, expiresIn, providerState: handle } = answer
  if (handle === undefined || !URL.canParse(url))
    return failed(incoming, { purpose, returnTo }, 'unavailable', kept)
  const state = { handle, purpose, returnTo } as const
  return withCookies(leavePage(url), [...kept, providerStateCookieFor(state, expiresIn, config)], runtime)
}

/** Returns the session of the caller, in the form in which calls as the user need it. */
async function resolved(incoming: Incoming) {
  const { runtime, browser, cookieHeader } = incoming
  const session = await resolveSession(runtime, cookieHeader, browser, () => true)
  const changes = changesOf(session)
  if (session.kind !== 'signedIn') return { session: null, changes }
  const own = { runtime, session, browser, mayRenew: () => true }
  return { session: { ...own, cookieHeader: cookieHeaderAfter(cookieHeader, changes) }, changes }
}

/**
 * Takes the form with which a provider sends the browser back (`response_mode=form_post`). It comes from another site, so it has no cookies.
 * The auth server stores its values, and the GET that follows has the cookie.
 */
async function holdCallback(incoming: Incoming, provider: string): Promise<Response> {
  const { request, runtime, browser } = incoming
  const form = await boundedForm(request)
  if ('refused' in form) return problemResponse(form.refused)
  const json = JSON.stringify({ provider, callback: form.values })
  const answer = await runtime.authServer.call('holdProviderCallback', { json }, browser)
  if (!answer.ok) return failed(incoming, { purpose: 'sign_in', returnTo: null }, answer.problem.code, [])
  const query = new URLSearchParams({ state: form.values.state ?? '' })
  const path = browserPath(`/api/auth/providers/${provider}/callback`)
  return redirect(incoming, `${runtime.config.appUrl.origin}${path}?${query}`, [])
}

/** Finishes what this browser has begun at the provider. */
async function finish(incoming: Incoming, provider: string): Promise<Response> {
  const { request, runtime, cookieHeader } = incoming
  const { config } = runtime
  const { search, searchParams } = new URL(request.url)
  const path = `/api/auth/providers/${provider}/callback${search}`
  const repeats = repeatCounter(path, cookieHeader)
  // The browser comes from another site, so it did not send the session that it already has. The new session must end the old one, and the
  // page after the sign-in must get the new cookies. So the browser requests this address again from a page of ours.
  const { method, headers } = request
  if (isFirstHop({ method, headers, repeats: repeats.count }))
    return sameSiteRepeat(config.appUrl.origin + browserPath(path), repeats, config.secure)
  const state = readProviderState(cookieHeader, config)
  const callback = Object.fromEntries(searchParams)
  // A value that is there twice could be read differently by others.
  const isClear = Object.keys(callback).length === [...searchParams].length
  if (state === null || !isClear)
    return failed(incoming, state ?? { purpose: 'sign_in', returnTo: null }, 'sign_in_expired', [])
  const json = JSON.stringify({ provider, callback, providerState: state.handle })
  const { answer, changes } =
    state.purpose === 'sign_in'
      ? await beginSession(runtime, 'finishProvider', { json }, incoming)
      : await finishInSession(incoming, state.purpose, json)
  const cleared = [...changes, ...clearedSignInCookie('providerState', cookieHeader, config)]
  if (!answer.ok) {
    // The callback may be one of another site, with another state. So it must not end the sign-in that this browser has begun.
    const isForeign = answer.problem.code === 'sign_in_expired'
    return failed(incoming, state, answer.problem.code, isForeign ? changes : cleared)
  }
  const wanted = ownPath(state.returnTo, config.appUrl, config.homePath)
  if (answer.pending !== undefined) {
    const query = state.returnTo === null ? '' : `?${new URLSearchParams({ returnTo: wanted })}`
    return redirect(incoming, addressOf(incoming, config.secondFactorPath + query), cleared)
  }
  return redirect(incoming, addressOf(incoming, wanted), cleared)
}

/** Finishes what belongs to the session of this browser, such as a link. The auth server checks that the same session has begun it. */
async function finishInSession(
  incoming: Incoming,
  purpose: ProviderPurpose,
  json: string,
): Promise<ReturnType<typeof beginSession<'finishProvider'>>> {
  const { runtime, browser } = incoming
  const own = await resolved(incoming)
  if (own.session === null) {
    const begun = await beginSession(runtime, 'finishProvider', { json }, incoming)
    return { answer: begun.answer, changes: [...own.changes, ...begun.changes] }
  }
  let begun: CookieChange[] = []
  const { answer, changes, asked } = await retryRenewed(own.session, async ({ session, cookieHeader }) => {
    const sent = { json, accessToken: session.accessToken }
    const result = await beginSession(runtime, 'finishProvider', sent, { cookieHeader, browser })
    begun = result.changes
    return result.answer
  })
  const all = [...own.changes, ...changes, ...begun]
  // After a confirmation, the new token says that the user has just authenticated.
  return { answer, changes: answer.ok && purpose === 'confirm' ? await renewNow(asked, all) : all }
}

/** Redirects to the page that shows the error: the page from which a provider was linked, the confirm page, or the sign-in page. */
function failed(
  incoming: Incoming,
  { purpose, returnTo }: Pick<ProviderState, 'purpose' | 'returnTo'>,
  code: string,
  changes: readonly CookieChange[],
): Response {
  const { config } = incoming.runtime
  const wanted = returnTo === null ? null : ownPath(returnTo, config.appUrl, config.homePath)
  const confirm = config.appUrl.origin + confirmAddress(config, null, wanted)
  if (code === 'insufficient_user_authentication') return redirect(incoming, confirm, changes)
  const pages = {
    sign_in: config.appUrl.origin + loginAddress(config, null, wanted),
    link: addressOf(incoming, wanted ?? config.homePath),
    confirm,
  }
  const isSignedOut = ['token_missing', 'session_ended', 'token_expired'].includes(code)
  const url = new URL(pages[isSignedOut ? 'sign_in' : purpose])
  url.searchParams.set('error', isErrorCode(code) ? code : 'unavailable')
  return redirect(incoming, url.href, changes)
}

/** Returns the absolute address of a path of the app. */
function addressOf({ runtime: { config } }: Incoming, path: string): string {
  return config.appUrl.origin + browserPath(path)
}

function redirect(
  { runtime, request, cookieHeader }: Incoming,
  location: string,
  changes: readonly CookieChange[],
): Response {
  const headers = new Headers({
    location,
    'cache-control': 'private, no-store',
    // The address of this request may contain a code.
    'referrer-policy': 'no-referrer',
  })
  const { pathname, search } = new URL(request.url)
  const repeats = repeatCounter(pathname + search, cookieHeader)
  if (repeats.count > 0) headers.append('set-cookie', repeats.cookie(0, runtime.config.secure))
  // 303: the browser must not send the form to the next address (RFC 9700 section 4.12).
  return withCookies(new Response(null, { status: 303, headers }), changes, runtime)
}
