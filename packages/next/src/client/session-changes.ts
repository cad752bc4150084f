import type { Principal } from '@sallyport/protocol'

const channelName = 'sallyport-session'

/** Calls `onNews` when another tab of this browser sends a message. Returns a function that stops listening. */
export function listenToOtherTabs(onNews: (who: string) => void): () => void {
  if (typeof BroadcastChannel === 'undefined') return () => {}
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = ({ data }: MessageEvent<string>) => onNews(data)
  return () => channel.close()
}

/** Sends the result of `whoIs` to the other tabs. If a tab shows another user, it reads the session again. No token is sent. */
export function tellOtherTabs(who: string): void {
  if (typeof BroadcastChannel === 'undefined') return
  const channel = new BroadcastChannel(channelName)
  channel.postMessage(who)
  channel.close()
}

/**
 * Returns a text by which two principals can be compared. `issuedAt` and `expiresAt` are left out, because they change with every new
 * token.
 */
export function whoIs(principal: Principal | null): string
export function whoIs(principal: Principal | null | undefined): string | undefined
export function whoIs(principal: Principal | null | undefined): string | undefined {
  return JSON.stringify(principal && { ...principal, issuedAt: 0, expiresAt: 0 })
}

/**
 * Returns the cookie that changes with every sign-in, refresh and sign-out (docs/client-session.md). It is our only cookie that scripts can
 * read. If the cookie has changed, the session may have changed, but this is not certain. If there are several such cookies, all of them
 * are returned, because each of them could be old, or could have been set by another subdomain.
 */
export function sessionMark(): string | undefined {
  return document.cookie.match(/(?:^|; )(?:__(?:Host|Secure)-)?sallyport_session=[^;]*/g)?.join()
}

/**
 * Calls `callback` when a cookie that scripts can read has changed. This works only in browsers that have the Cookie Store API. Returns a
 * function that stops listening.
 */
export function onCookieChange(callback: () => void): () => void {
  const { cookieStore } = window as { cookieStore?: EventTarget }
  cookieStore?.addEventListener('change', callback)
  return () => cookieStore?.removeEventListener('change', callback)
}
