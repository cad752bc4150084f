// Loaded into a server by `--import`: reports its memory use to its parent process on request.
process.on('message', () => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  process.send?.(heapUsed + external)
})
// This channel must not keep the process running.
process.channel?.unref()
