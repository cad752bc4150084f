import { type Colour, coloured } from './colour.ts'
import { print, say } from './print.ts'
import { visible, widthOf } from './visible.ts'

export type Column<Row> = { title: string; of(row: Row): string; colour?(row: Row): Colour | undefined }

/** The widths of the columns are computed from the first `rows` rows, or from those that were read in the first `ms` milliseconds. */
const measured = { rows: 200, ms: 500 }

/** Prints aligned rows while they are read. So a list may be larger than the memory. If there is no row, prints `none`. */
export async function printTable<Row>(
  columns: Column<Row>[],
  rows: Iterable<Row> | AsyncIterable<Row>,
  none: string,
): Promise<void> {
  const began = performance.now()
  let waiting: Row[] | null = []
  let widths: number[] = []

  async function printWaiting(first: Row[]): Promise<void> {
    waiting = null
    if (first.length === 0) return say(none)
    widths = columns.map((column) =>
      Math.max(column.title.length, ...first.map((row) => widthOf(visible(column.of(row))))),
    )
    await print(line(columns.map(({ title }) => ({ text: title, colour: 'bold' }))))
    for (const row of first) await print(lineOf(row))
  }
  function lineOf(row: Row): string {
    return line(columns.map(({ of, colour }) => ({ text: visible(of(row)), colour: colour?.(row) })))
  }
  function line(cells: { text: string; colour: Colour | undefined }[]): string {
    return cells
      .map(({ text, colour }, at) => coloured(colour, text) + ' '.repeat(gapAfter(text, at)))
      .join('')
  }
  function gapAfter(text: string, at: number): number {
    return at === columns.length - 1 ? 0 : Math.max(0, (widths[at] ?? 0) - widthOf(text)) + 2
  }

  for await (const row of rows) {
    if (waiting === null) await print(lineOf(row))
    else {
      waiting.push(row)
      if (waiting.length >= measured.rows || performance.now() - began > measured.ms)
        await printWaiting(waiting)
    }
  }
  if (waiting !== null) await printWaiting(waiting)
}

/** Prints fields, one per line. */
export async function printFields(fields: Record<string, string>): Promise<void> {
  const width = Math.max(...Object.keys(fields).map((name) => name.length)) + 2
  for (const [name, value] of Object.entries(fields))
    await print(coloured('bold', name.padEnd(width)) + visible(value))
}
