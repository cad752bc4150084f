const everyRows = 10_000
const number = new Intl.NumberFormat('en')

/** Yields the rows and counts them on standard error. It counts only if standard error is a terminal and standard output is not. */
export async function* withProgress<Row>(rows: AsyncIterable<Row>, noun: string): AsyncGenerator<Row> {
  const isWatched = process.stderr.isTTY && !process.stdout.isTTY
  let count = 0
  try {
    for await (const row of rows) {
      count += 1
      if (isWatched && count % everyRows === 0) process.stderr.write(`\r${number.format(count)} ${noun} …`)
      yield row
    }
  } finally {
    if (isWatched && count >= everyRows) process.stderr.write(`\r\x1b[K`)
  }
}
