import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'

export type Cell = string | number | null

// If a cell begins with a match of this pattern, spreadsheet programs treat the cell as a formula. Some programs skip blanks at the start.
// East Asian versions also accept the full-width forms of these characters.
const formula = /^[\s\u3000]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/
const needsQuotes = /[",\r\n]|^\s|\s$/

/**
 * Formats one row (RFC 4180). If a spreadsheet program would run a text as a formula, an apostrophe is put before it, so that it stays
 * text. Numbers are not changed.
 */
export function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  const inert = formula.test(cell) ? `'${cell}` : cell
  return needsQuotes.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

/** Formats an amount in cents for a spreadsheet, such as `1234.50`. */
export function csvAmount(cents: number): string {
  return (cents / 100).toFixed(2)
}

/**
 * Sends a CSV file. The next rows are read only when the client has read the previous ones, so rows for a slow client do not fill the
 * memory. If the client disconnects, the iterator of `chunks` is closed.
 */
export async function sendCsv(
  res: Response,
  fileName: string,
  header: readonly string[],
  chunks: Iterable<readonly (readonly Cell[])[]>,
): Promise<void> {
  const iterator = chunks[Symbol.iterator]()
  // The first rows are read before the status is sent. If this fails, the response can still be an error.
  const first = iterator.next()
  res.status(200)
  res.setHeader('content-type', 'text/csv; charset=utf-8; header=present')
  res.setHeader('content-disposition', `attachment; filename="${fileName}"`)
  if (res.req.method === 'HEAD') {
    iterator.return?.()
    res.end()
    return
  }
  function* text(): Generator<string, void> {
    try {
      // The file begins with a byte order mark. Without it, Excel would not read the file as UTF-8, but in the local code page.
      yield `\uFEFF${csvRow(header)}`
      for (let next = first; !next.done; next = iterator.next()) yield next.value.map(csvRow).join('')
    } finally {
      iterator.return?.()
    }
  }
  try {
    await pipeline(Readable.from(text(), { objectMode: true, highWaterMark: 1 }), res)
  } catch (error) {
    // If the client has disconnected, the error is ignored, because nobody would get it.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
}
