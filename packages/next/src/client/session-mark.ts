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
