import { availableParallelism, cpus, loadavg } from 'node:os'
import type { Part, Row } from './parts/part.ts'

const nameWidth = 50

/** What the figures were measured on: a ratio travels between machines, so many a second does not. */
export function machineLine(): string {
  const busy = loadavg()[0] ?? 0
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), Node ${process.version}, load before the run ${busy.toFixed(2)}`
}

/** The lines above a part's rows. */
export function headLines({ title, columns }: Part): string {
  const head = [
    ''.padEnd(nameWidth),
    columns.measured.padStart(12),
    columns.baseline.padStart(12),
    'share'.padStart(7),
    '(lowest–highest)'.padStart(18),
    'target'.padStart(8),
    'CPU µs each'.padStart(16),
  ]
  return `\n${title}\n\n${head.join('')}`
}

/** One row: both rates, the share and its spread, the target, and the CPU time of one request on either side. */
export function rowLine({ name, comparison, target }: Row): string {
  const { measured, baseline, share, lowestShare, highestShare } = comparison
  return [
    name.padEnd(nameWidth),
    count(measured.perSecond).padStart(12),
    count(baseline.perSecond).padStart(12),
    share.toFixed(2).padStart(7),
    `(${lowestShare.toFixed(2)}–${highestShare.toFixed(2)})`.padStart(18),
    (target === undefined ? '' : `${share >= target ? '✓' : '✗'} ${target.toFixed(2)}`).padStart(8),
    `${count(measured.cpuMicrosEach)} / ${count(baseline.cpuMicrosEach)}`.padStart(16),
  ].join('')
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
