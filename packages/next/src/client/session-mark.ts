/**
 * Returns the cookie that changes with every sign-in, renewal and sign-out (docs/client-session.md). It is the one cookie of ours that
 * scripts can read, and says nothing but that the session should be asked for.
 */
export function sessionMark(): string | undefined {
  return /(?:^|; )(?:__(?:Host|Secure)-)?sallyport_session=([^;]*)/.exec(document.cookie)?.[1]
}

/** Calls back whenever a cookie that scripts can read has changed, in browsers that tell; returns how to stop. */
export function onCookieChange(callback: () => void): () => void {
  const { cookieStore } = window as { cookieStore?: EventTarget }
  cookieStore?.addEventListener('change', callback)
  return () => cookieStore?.removeEventListener('change', callback)
}
