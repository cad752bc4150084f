/** What one tab tells the others: whose session this browser now holds, or null after a sign-out. Never a token. */
export type SessionNews = { sessionId: string | null }

const channelName = 'sallyport-session'
const lastSeenKey = 'sallyport-session'

/** Listens to the other tabs of this browser; returns how to stop. */
export function listenToOtherTabs(onNews: (news: SessionNews) => void): () => void {
  if (typeof BroadcastChannel === 'undefined') return () => {}
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = ({ data }: MessageEvent<SessionNews>) => onNews(data)
  return () => channel.close()
}

/** Tells the other tabs, if this is news to the browser: a reload of a page that shows the same session is none. */
export function tellOtherTabs(news: SessionNews): void {
  const value = news.sessionId ?? ''
  try {
    if (localStorage.getItem(lastSeenKey) === value) return
    localStorage.setItem(lastSeenKey, value)
  } catch {
    // Storage may be switched off; then every page load is told, which is harmless.
  }
  if (typeof BroadcastChannel === 'undefined') return
  const channel = new BroadcastChannel(channelName)
  channel.postMessage(news)
  channel.close()
}
