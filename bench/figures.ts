import { readFileSync, writeFileSync } from 'node:fs'
import { type Column, missed } from './report.ts'

/** A row as printed. `cpuRatio` is the CPU time of one request divided by that of its baseline. Only rows about our own code have it. */
export type Row = { id: string; name: string; cells: readonly string[]; cpuRatio: number | undefined }

/** A table as printed. */
export type Table = { title: string; columns: readonly Column[]; rows: Row[] }

/** The results of a run of the whole bench on a quiet machine, by row. */
export type Recorded = { measured: string; cpuRatios: Readonly<Record<string, number>> }

/** A row counts as worse if its CPU ratio is higher than the recorded one by this factor. About half of this difference can be noise. */
const worseFrom = 1.15

const file = new URL('recorded.json', import.meta.url)

/** Returns the recorded figures, with which rows are compared. */
export function readRecorded(): Recorded {
  return JSON.parse(readFileSync(file, 'utf8')) as Recorded
}

/** Stores the figures of this run for later runs. The figures of rows that this run did not measure are kept. */
export function record(tables: readonly Table[], measured: string): void {
  const cpuRatios = { ...readRecorded().cpuRatios }
  for (const { id, cpuRatio } of tables.flatMap(({ rows }) => rows))
    if (cpuRatio !== undefined) cpuRatios[id] = Number(cpuRatio.toFixed(3))
  writeFileSync(file, `${JSON.stringify({ measured, cpuRatios }, null, 2)}\n`)
}

/** Returns what is wrong with a row. Usually the result is empty. */
export function complaintsOf({ id, cells, cpuRatio }: Row, { cpuRatios }: Recorded): string[] {
  const known = cpuRatios[id]
  const isWorse = known !== undefined && cpuRatio !== undefined && cpuRatio > known * worseFrom
  return [
    ...(cells.some((cell) => cell.startsWith(missed)) ? ['misses its aim'] : []),
    ...(isWorse
      ? [`CPU ${cpuRatio.toFixed(2)} × its baseline, recorded ${known.toFixed(2)}: over 15 % worse`]
      : []),
  ]
}

/** Returns the recorded rows that a run of the whole bench has not measured, because they were renamed or lost. */
export function lostRows(tables: readonly Table[], { cpuRatios }: Recorded): string[] {
  const measured = new Set(tables.flatMap(({ rows }) => rows.map(({ id }) => id)))
  return Object.keys(cpuRatios).filter((id) => !measured.has(id))
}

/** Returns all tables as Markdown, without rates per second, because these depend on the machine. */
export function markdownOf(tables: readonly Table[]): string {
  return tables
    .map(({ title, columns, rows }) => {
      const kept = columns
        .map((_, index) => index)
        .filter((index) => !/\/s$/.test(columns[index]?.title ?? ''))
      const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
      return [
        `**${title}**`,
        '',
        line(['row', ...kept.map((index) => columns[index]?.title ?? '')]),
        line(['---', ...kept.map(() => '---:')]),
        ...rows.map(({ name, cells }) => line([name, ...kept.map((index) => cells[index] ?? '')])),
      ].join('\n')
    })
    .join('\n\n')
}
