import type { Comparison, Plan } from '../measure/compare.ts'
import type { Generator } from '../measure/load.ts'

/** One line of the report. */
export type Row = {
  name: string
  comparison: Comparison
  /** The least share that we promise; peers and extra rows have none. */
  target?: number
}

/** What a part of the bench works with. */
export type Bench = {
  generator: Generator
  /** For this run's data and logs. */
  workDir: string
  /** How long each row is measured. */
  plan: Plan
  /** Whether a row was asked for. */
  wants(name: string): boolean
  /** Takes a finished row. */
  report(row: Row): void
}

/** One part of the bench. */
export type Part = {
  title: string
  /** What the two columns of so many a second stand for. */
  columns: { measured: string; baseline: string }
  plan: Plan
  run(bench: Bench): Promise<void>
}
