// Preloaded into every measured process: answers how much CPU time the process has used, all its threads together, and how much memory it has.
process.on('message', (message) => {
  if (message !== 'cpu') return
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() })
})
// Nothing outlives the bench, however that ended.
process.on('disconnect', () => process.exit())
