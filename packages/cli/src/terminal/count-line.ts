const everyMs = 200
const number = new Intl.NumberFormat('en')

/** How far a work of unknown length has come, in one line on standard error that replaces itself; only where somebody looks at it. */
export function countLine(noun: string) {
  const isWatched = process.stderr.isTTY
  let shownAt = performance.now()
  return {
    show(count: number): void {
      const now = performance.now()
      if (!isWatched || now - shownAt < everyMs) return
      shownAt = now
      process.stderr.write(`\r\x1b[K${number.format(count)} ${noun} …`)
    },
    end(): void {
      if (isWatched) process.stderr.write('\r\x1b[K')
    },
  }
}
