// Preloaded into every measured process: reports how much CPU time the process has used, all threads together, and how much memory it uses.
process.on('message', (message) => {
  if (message !== 'cpu') return
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() })
})
// End with the bench, even if the bench crashed.
process.on('disconnect', () => process.exit())
