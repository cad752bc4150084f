// `--import` loads this file into a server. On request, it reports the memory use of the server to the parent process.
process.on('message', () => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  process.send?.(heapUsed + external)
})
// This channel must not keep the process running.
process.channel?.unref()
