import type { Principal } from '@sallyport/protocol'

const channelName = 'sallyport-session'

/** Listens to the other tabs of this browser. Returns a function that stops it. */
export function listenToOtherTabs(onNews: (who: string) => void): () => void {
  if (typeof BroadcastChannel === 'undefined') return () => {}
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = ({ data }: MessageEvent<string>) => onNews(data)
  return () => channel.close()
}

/** Sends the result of `whoIs` to the other tabs. A tab that shows another user reads the session again. No token is sent. */
export function tellOtherTabs(who: string): void {
  if (typeof BroadcastChannel === 'undefined') return
  const channel = new BroadcastChannel(channelName)
  channel.postMessage(who)
  channel.close()
}

/** Returns a comparable text of a principal without its times, which change with every renewed token. */
export function whoIs(principal: Principal | null): string
export function whoIs(principal: Principal | null | undefined): string | undefined
export function whoIs(principal: Principal | null | undefined): string | undefined {
  return JSON.stringify(principal && { ...principal, issuedAt: 0, expiresAt: 0 })
}

/**
 * Returns the cookie that changes with every sign-in, refresh and sign-out (docs/client-session.md). It is our only cookie that
 * scripts can read, and only shows that the session may have changed. If there are several, it returns all of them, so that an old one
 * or one of a sibling subdomain does not hide ours.
 */
export function sessionMark(): string | undefined {
  return document.cookie.match(/(?:^|; )(?:__(?:Host|Secure)-)?sallyport_session=[^;]*/g)?.join()
}

/** Calls back when a cookie that scripts can read has changed, in browsers with the Cookie Store API. Returns a function that stops it. */
export function onCookieChange(callback: () => void): () => void {
  const { cookieStore } = window as { cookieStore?: EventTarget }
  cookieStore?.addEventListener('change', callback)
  return () => cookieStore?.removeEventListener('change', callback)
}
