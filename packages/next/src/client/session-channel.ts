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
