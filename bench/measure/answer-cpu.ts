// This file is preloaded into every measured process. It reports how much CPU time all threads of the process have used together, and how
// much memory the process uses.
process.on('message', (message) => {
  if (message !== 'cpu') return
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() })
})
// The process ends with the bench, even if the bench has crashed.
process.on('disconnect', () => process.exit())
