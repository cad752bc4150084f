// Loaded into a server by `--import`: tells whoever started it how much memory is in use, when asked.
process.on('message', () => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  process.send?.(heapUsed + external)
})
// This channel keeps nobody alive.
process.channel?.unref()
