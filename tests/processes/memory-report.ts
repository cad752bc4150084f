// `--import` loads this file into a server. On request, it reports the memory use of the server to the parent process.
process.on('message', () => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  process.send?.(heapUsed + external)
})
// The channel to the parent process must not keep this process running.
process.channel?.unref()
