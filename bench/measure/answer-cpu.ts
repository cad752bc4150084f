// Preloaded into every measured process: reports how much CPU time the process has used, all threads together, and how much memory it uses.
process.on('message', (message) => {
  if (message !== 'cpu') return
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() })
})
// No process must outlive the bench, however that ended.
process.on('disconnect', () => process.exit())
