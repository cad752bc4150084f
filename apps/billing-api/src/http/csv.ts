import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'

export type Cell = string | number | null

// A cell that begins like this is a formula to spreadsheet programs, some of which skip blanks first. The wide forms
// are what East Asian versions take for the same.
const formula = /^[\s\u3000]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/
const needsQuotes = /[",\r\n]|^\s|\s$/

/**
 * One row by RFC 4180. Text that a spreadsheet would run as a formula gets an apostrophe in front, which makes it
 * text; numbers are written as they are.
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

/** An amount in cents as a spreadsheet reads it: `1234.50`. */
export function csvAmount(cents: number): string {
  return (cents / 100).toFixed(2)
}

/**
 * Answers with a CSV file. Takes the next rows only when the reader has taken those before, so a slow reader costs no
 * memory; when the reader goes away, `chunks` is told to return.
 */
export async function sendCsv(
  res: Response,
  fileName: string,
  header: readonly string[],
  chunks: Iterable<readonly (readonly Cell[])[]>,
): Promise<void> {
  const iterator = chunks[Symbol.iterator]()
  // The first rows are read before the status is sent: what fails here can still be answered as an error.
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
      // Without the byte order mark Excel takes UTF-8 for the local code page.
      yield `\uFEFF${csvRow(header)}`
      for (let next = first; !next.done; next = iterator.next()) yield next.value.map(csvRow).join('')
    } finally {
      iterator.return?.()
    }
  }
  try {
    await pipeline(Readable.from(text(), { objectMode: true, highWaterMark: 1 }), res)
  } catch (error) {
    // The reader went away: nobody is left to be told of an error.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
}
