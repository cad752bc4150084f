import { createReadStream } from 'node:fs'
import { Transform } from 'node:stream'
import { parse } from 'csv-parse'
import type { Row } from './template.ts'

/** The error for a file whose columns cannot be those of users. The message says why. */
export class WrongHeading extends Error {}

/** A row with its line number. If the row could not be read, `reason` says why. */
export type ReadRow = { line: number; row: Row } | { line: number; reason: string }

/** The maximum length of a line or record, in bytes. */
const longest = 1_000_000

/**
 * Reads a file of users row by row. So the file may be larger than the memory. `onBytes` is called with the number of bytes of each chunk.
 * At least one column must be in `needed`.
 *
 * @throws WrongHeading if no column is in `needed`.
 */
export function readRows(
  file: string,
  format: 'csv' | 'jsonl',
  onBytes: (count: number) => void,
  needed: readonly string[] = [],
): AsyncGenerator<ReadRow> {
  const input = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length)
      done(null, chunk)
    },
  })
  const source = createReadStream(file)
  source.on('error', (error) => input.destroy(error))
  source.pipe(input)
  return format === 'csv' ? readCsv(input, needed) : readJsonLines(input, needed)
}

async function* readCsv(source: Transform, needed: readonly string[]): AsyncGenerator<ReadRow> {
  const skipped: ReadRow[] = []
  const parser = parse({
    bom: true,
    columns: (names: string[]) => headingOf(names, needed),
    info: true,
    max_record_size: longest,
    // A quote inside a field is a normal character. Otherwise, it would begin a quoted field that contains the next rows.
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
  })
  parser.on('skip', (error?: { code?: string; lines?: number; message: string }) => {
    const reason =
      error?.code === 'CSV_QUOTE_NOT_CLOSED'
        ? 'A quote is opened but not closed, so the rows after it could not be read. Fix it, and import the file again.'
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

async function* readJsonLines(source: Transform, needed: readonly string[]): AsyncGenerator<ReadRow> {
  let line = 0
  for await (const bytes of linesOf(source)) {
    line += 1
    if (bytes === null) yield { line, reason: `The line is longer than ${longest} bytes.` }
    else if (bytes.length > 0) yield { line, ...withNeeded(parsed(bytes, line), needed) }
  }
}

/** Splits a stream into lines of bytes. Yields null for a line that is too long. */
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
    // The first line may begin with a byte order mark.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: line !== 1 }).decode(bytes)
    if (text.trim() === '') return { reason: 'The line is empty.' }
    const row: unknown = JSON.parse(text)
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      return { reason: 'The line is not a JSON object.' }
    return { row: row as Row }
  } catch (error) {
    return {
      reason:
        error instanceof SyntaxError ? 'The line is not JSON.' : 'This is not UTF-8. Convert the file first.',
    }
  }
}

/** Returns the names of the columns. @throws WrongHeading if a name occurs twice, or if no name is in `needed`. */
function headingOf(cells: readonly string[], needed: readonly string[]): string[] {
  const names = cells.map((cell) => cell.trim())
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index)
  if (twice !== undefined) throw new WrongHeading(`The column "${shown(twice)}" occurs twice.`)
  if (needed.length === 0 || needed.some((name) => names.includes(name))) return names
  const [only = ''] = names
  const separator =
    names.length === 1 ? Object.keys(separators).find((mark) => only.includes(mark)) : undefined
  const hint =
    separator === undefined
      ? 'Check that the first line names the columns, and that --from is right.'
      : `Its separator is a ${separators[separator as keyof typeof separators]}: export the file again, with commas.`
  throw new WrongHeading(
    `${missing('column', needed)}; the file has: ${names.map(shown).join(', ')}. ${hint}`,
  )
}

const separators = { ';': 'semicolon', '\t': 'tab', '|': 'vertical bar' } as const

/** Refuses a row that has none of the needed fields. The reason lists the fields of the row. */
function withNeeded(read: { row: Row } | { reason: string }, needed: readonly string[]): typeof read {
  if ('reason' in read || needed.length === 0 || needed.some((name) => Object.hasOwn(read.row, name)))
    return read
  const names = Object.keys(read.row).slice(0, 30).map(shown).join(', ')
  return { reason: `${missing('field', needed)}; the row has: ${names || 'none'}.` }
}

function missing(noun: string, needed: readonly string[]): string {
  return `There is no ${noun} ${needed.map((name) => `"${name}"`).join(' or ')}`
}

/** Hides a name that looks like a value. If a file has no heading, its first line is a user, and an error must not show the user's data. */
function shown(name: string): string {
  const short = name.length > 40 ? `${name.slice(0, 40)}…` : name
  return /[@$]/.test(short) ? '(a value)' : short
}
