import { availableParallelism, cpus, loadavg } from 'node:os'
import type { Comparison } from './measure/compare.ts'

const nameWidth = 50

/** A column of a table. Its cells are right-aligned. */
export type Column = { title: string; width: number }

/** Returns a description of the machine. Ratios are comparable between machines, but rates per second are not. */
export function machineLine(): string {
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), Node ${process.version}`
}

/** Returns the load average of the machine for the last minute. */
export function machineLoad(): number {
  return loadavg()[0] ?? 0
}

/** Returns the lines above a table's rows. */
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

/** Returns the columns of a comparison of two rates. */
export function shareColumns(measured: string, baseline: string): Column[] {
  return [
    { title: measured, width: 12 },
    { title: baseline, width: 12 },
    { title: 'share', width: 7 },
    { title: '(lowest–highest)', width: 18 },
    { title: 'CPU µs each', width: 16 },
    { title: 'added CPU µs', width: 14 },
    { title: 'aim', width: 9 },
  ]
}

/** The aim of a row: at least this share, or at most this much additional CPU for one request. */
export type Aim = { share: number } | { addedCpuMicros: number }

/**
 * Returns the cells of a comparison: both rates, the share and its spread, the CPU time of one request on either side, the difference, and
 * the aim.
 */
export function shareCells(comparison: Comparison, aim?: Aim): string[] {
  const { measured, baseline, share, lowestShare, highestShare } = comparison
  return [
    count(measured.perSecond),
    count(baseline.perSecond),
    share.toFixed(2),
    `(${lowestShare.toFixed(2)}–${highestShare.toFixed(2)})`,
    `${count(measured.cpuMicrosEach)} / ${count(baseline.cpuMicrosEach)}`,
    micros(comparison.addedCpuMicros),
    aimCell(comparison, aim),
  ]
}

function aimCell({ share, addedCpuMicros }: Comparison, aim: Aim | undefined): string {
  if (aim === undefined) return ''
  return 'share' in aim
    ? verdict(share >= aim.share, `≥ ${aim.share.toFixed(2)}`)
    : verdict(addedCpuMicros <= aim.addedCpuMicros, `≤ ${aim.addedCpuMicros} µs`)
}

/** Returns the CPU cost of a row, as a ratio that is comparable between machines. */
export function cpuRatio({ measured, baseline }: Comparison): number {
  return measured.cpuMicrosEach / baseline.cpuMicrosEach
}

/** Returns a text with the aim and whether it was reached. */
export function verdict(isMet: boolean, aim: string): string {
  return `${isMet ? '✓' : missed} ${aim}`
}

/** The beginning of a cell whose aim was missed. */
export const missed = '✗'

/** Formats microseconds with the significant digits. */
export function micros(value: number): string {
  return Math.abs(value) < 10 ? value.toFixed(1) : count(value)
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** Formats milliseconds with the significant digits. */
export function milliseconds(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0)
}
