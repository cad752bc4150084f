import { availableParallelism, cpus, loadavg } from 'node:os'
import type { Comparison } from './measure/compare.ts'

const nameWidth = 50

/** A column of a table; its cells are aligned to the right. */
export type Column = { title: string; width: number }

/** What the figures were measured on: a ratio travels between machines, so many a second does not. */
export function machineLine(): string {
  const busy = loadavg()[0] ?? 0
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), Node ${process.version}, load before the run ${busy.toFixed(2)}`
}

/** The lines above a table's rows. */
export function headLines(title: string, columns: readonly Column[]): string {
  return `\n${title}\n\n${rowLine(
    '',
    columns,
    columns.map((column) => column.title),
  )}`
}

export function rowLine(name: string, columns: readonly Column[], cells: readonly string[]): string {
  return (
    name.padEnd(nameWidth) + columns.map(({ width }, index) => (cells[index] ?? '').padStart(width)).join('')
  )
}

/** The columns of a comparison of two rates. */
export function shareColumns(measured: string, baseline: string): Column[] {
  return [
    { title: measured, width: 12 },
    { title: baseline, width: 12 },
    { title: 'share', width: 7 },
    { title: '(lowest–highest)', width: 18 },
    { title: 'target', width: 8 },
    { title: 'CPU µs each', width: 16 },
  ]
}

/** Both rates, the share and its spread, the least share that we promise, and the CPU time of one request on either side. */
export function shareCells(comparison: Comparison, target?: number): string[] {
  const { measured, baseline, share, lowestShare, highestShare } = comparison
  return [
    count(measured.perSecond),
    count(baseline.perSecond),
    share.toFixed(2),
    `(${lowestShare.toFixed(2)}–${highestShare.toFixed(2)})`,
    target === undefined ? '' : verdict(share >= target, target.toFixed(2)),
    `${count(measured.cpuMicrosEach)} / ${count(baseline.cpuMicrosEach)}`,
  ]
}

/** A target, and whether it is met. */
export function verdict(isMet: boolean, target: string): string {
  return `${isMet ? '✓' : '✗'} ${target}`
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** Milliseconds with as many digits as mean something. */
export function milliseconds(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0)
}
