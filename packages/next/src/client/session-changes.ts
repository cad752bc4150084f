import type { Principal } from '@sallyport/protocol'

const channelName = 'sallyport-session'

/** Listens to the other tabs of this browser; returns how to stop. */
export function listenToOtherTabs(onNews: (who: string) => void): () => void {
  if (typeof BroadcastChannel === 'undefined') return () => {}
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = ({ data }: MessageEvent<string>) => onNews(data)
  return () => channel.close()
}

/** Tells the other tabs who this browser's session is, as `whoIs` spells it. Each asks for itself if it shows another. Never a token. */
export function tellOtherTabs(who: string): void {
  if (typeof BroadcastChannel === 'undefined') return
  const channel = new BroadcastChannel(channelName)
  channel.postMessage(who)
  channel.close()
}

/** Everything that a page can show of a principal, to be compared: a renewed token changes its times and nothing else. */
export function whoIs(principal: Principal | null): string
export function whoIs(principal: Principal | null | undefined): string | undefined
export function whoIs(principal: Principal | null | undefined): string | undefined {
  return JSON.stringify(principal && { ...principal, issuedAt: 0, expiresAt: 0 })
}

/**
 * Returns the cookie that changes with every sign-in, renewal and sign-out (docs/client-session.md). It is the one cookie of ours that
 * scripts can read, and says nothing but that the session should be asked for. All of them, where there are several: an old one, or one
 * that a sibling subdomain has set, must not hide ours.
 */
export function sessionMark(): string | undefined {
  return document.cookie.match(/(?:^|; )(?:__(?:Host|Secure)-)?sallyport_session=[^;]*/g)?.join()
}

/** Calls back whenever a cookie that scripts can read has changed, in browsers that tell; returns how to stop. */
export function onCookieChange(callback: () => void): () => void {
  const { cookieStore } = window as { cookieStore?: EventTarget }
  cookieStore?.addEventListener('change', callback)
  return () => cookieStore?.removeEventListener('change', callback)
}
