const everyMs = 200
const number = new Intl.NumberFormat('en')

/** Shows the progress of long work in one line on standard error, but only if standard error is a terminal. */
export function progressLine(totalBytes: number) {
  const isWatched = process.stderr.isTTY
  const began = performance.now()
  let bytes = 0
  let shownAt = began
  return {
    read: (count: number): void => {
      bytes += count
    },
    show(rows: number): void {
      const now = performance.now()
      if (!isWatched || now - shownAt < everyMs) return
      shownAt = now
      const share = totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes)
      const filled = Math.floor(share * 20)
      const perSecond = Math.round(rows / ((now - began) / 1000))
      process.stderr.write(
        `\r\x1b[K[${'#'.repeat(filled)}${' '.repeat(20 - filled)}] ${Math.floor(share * 100)} %, ${number.format(rows)} rows, ${number.format(perSecond)} a second`,
      )
    },
    end(): void {
      if (isWatched) process.stderr.write('\r\x1b[K')
    },
  }
}

/** Shows a count, for work of unknown length, in one line on standard error, but only if standard error is a terminal. */
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
