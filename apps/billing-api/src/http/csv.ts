import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'

export type Cell = string | number | null

// Spreadsheet programs read a cell that begins like this as a formula; some skip blanks first. East Asian versions also
// accept the full-width forms.
const formula = /^[\s\u3000]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/
const needsQuotes = /[",\r\n]|^\s|\s$/

/**
 * Formats one row (RFC 4180). Text that a spreadsheet would run as a formula gets an apostrophe before it, which makes it
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

/** Formats an amount in cents for a spreadsheet: `1234.50`. */
export function csvAmount(cents: number): string {
  return (cents / 100).toFixed(2)
}

/**
 * Sends a CSV file. Reads the next rows only when the client has read the previous ones, so a slow client needs no
 * memory. When the client disconnects, `chunks` is closed.
 */
export async function sendCsv(
  res: Response,
  fileName: string,
  header: readonly string[],
  chunks: Iterable<readonly (readonly Cell[])[]>,
): Promise<void> {
  const iterator = chunks[Symbol.iterator]()
  // The first rows are read before the status is sent, so that a failure here can still be answered as an error.
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
      // Without a byte order mark Excel reads UTF-8 as the local code page.
      yield `\uFEFF${csvRow(header)}`
      for (let next = first; !next.done; next = iterator.next()) yield next.value.map(csvRow).join('')
    } finally {
      iterator.return?.()
    }
  }
  try {
    await pipeline(Readable.from(text(), { objectMode: true, highWaterMark: 1 }), res)
  } catch (error) {
    // The client has disconnected: there is nobody to report an error to.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
}
