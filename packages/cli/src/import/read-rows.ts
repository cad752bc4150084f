import { createReadStream } from 'node:fs'
import { Transform } from 'node:stream'
import { parse } from 'csv-parse'
import type { Row } from './template.ts'

/** A row with where it stood, or why it could not be read. */
export type ReadRow = { line: number; row: Row } | { line: number; reason: string }

/** Longest line or record, in bytes: what is longer is no user. */
const longest = 1_000_000

/** Reads a file of users row by row, however long it is. `onBytes` hears how far it has come. */
export function readRows(
  file: string,
  format: 'csv' | 'jsonl',
  onBytes: (count: number) => void,
): AsyncGenerator<ReadRow> {
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length)
      done(null, chunk)
    },
  })
  const source = createReadStream(file)
  source.on('error', (error) => counted.destroy(error))
  source.pipe(counted)
  return format === 'csv' ? readCsv(counted) : readJsonLines(counted)
}

async function* readCsv(source: Transform): AsyncGenerator<ReadRow> {
  const skipped: ReadRow[] = []
  const parser = parse({
    bom: true,
    columns: (names: string[]) => names.map((name) => name.trim()),
    info: true,
    max_record_size: longest,
    // A quote in the middle of a field is part of it: else it would open one that swallows the rows behind it.
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
  })
  parser.on('skip', (error?: { code?: string; lines?: number; message: string }) => {
    const reason =
      error?.code === 'CSV_QUOTE_NOT_CLOSED'
        ? 'A quote is opened and never closed: no row after it could be read. Mend it, and import the file again.'
        : error?.message
    skipped.push({ line: error?.lines ?? 0, reason: reason ?? 'The row cannot be read.' })
  })
  source.on('error', (error) => parser.destroy(error))
  source.pipe(parser)
  for await (const { record, info } of parser as AsyncIterable<{ record: Row; info: { lines: number } }>) {
    yield* skipped.splice(0)
    const isText = Object.values(record).every((value) => !String(value).includes('\ufffd'))
    yield isText
      ? { line: info.lines, row: record }
      : { line: info.lines, reason: 'This is not UTF-8. Convert the file first.' }
  }
  yield* skipped
}

async function* readJsonLines(source: Transform): AsyncGenerator<ReadRow> {
  let line = 0
  for await (const bytes of linesOf(source)) {
    line += 1
    if (bytes === null) yield { line, reason: `The line is longer than ${longest} bytes.` }
    else if (bytes.length > 0) yield { line, ...parsed(bytes, line) }
  }
}

/** Lines as bytes; null for one that is too long, which is dropped as it comes. */
async function* linesOf(source: Transform): AsyncGenerator<Buffer | null> {
  let parts: Buffer[] = []
  let size = 0
  const finished = () => {
    const line = size > longest ? null : Buffer.concat(parts)
    parts = []
    size = 0
    return line
  }
  for await (const chunk of source as AsyncIterable<Buffer>) {
    let from = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      keep(chunk.subarray(from, at))
      yield finished()
      from = at + 1
    }
    keep(chunk.subarray(from))
  }
  if (size > 0) yield finished()

  function keep(part: Buffer): void {
    size += part.length
    if (size > longest) parts = []
    else parts.push(part)
  }
}

function parsed(bytes: Buffer, line: number): { row: Row } | { reason: string } {
  try {
    // With the mark that some editors put before the first line.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: line !== 1 }).decode(bytes)
    if (text.trim() === '') return { reason: 'The line is empty.' }
    const row: unknown = JSON.parse(text)
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      return { reason: 'The line is no JSON object.' }
    return { row: row as Row }
  } catch (error) {
    return {
      reason:
        error instanceof SyntaxError ? 'The line is no JSON.' : 'This is not UTF-8. Convert the file first.',
    }
  }
}
