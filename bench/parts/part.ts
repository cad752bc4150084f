import type { Databases } from '../issuers/databases.ts'
import type { Plan } from '../measure/compare.ts'
import type { Generator } from '../measure/load.ts'
import type { Column } from '../report.ts'

/** What a part of the bench works with. */
export type Bench = {
  generator: Generator
  /** For this run's data and logs. */
  workDir: string
  /** Where auth servers keep their data. */
  databases: Databases
  /** Only to show that it runs: less of everything, and no figures to quote. */
  quick: boolean
  /** How long each row is measured. */
  plan: Plan
  /** Whether a row was asked for. */
  wants(name: string): boolean
  /** Prints a table's head, and then one row after the other as each is finished. */
  table(title: string, columns: readonly Column[]): Report
  /** Says something below the table's rows. */
  note(sentence: string): void
}

/** Prints a row. `cpuRatio`, for rows of our own: CPU of one request beside that of its baseline, compared with what was recorded. */
export type Report = (name: string, cells: readonly string[], cpuRatio?: number) => void

/** One part of the bench. */
export type Part = {
  plan: Plan
  /** With `--quick`, where the plan of all parts is too short for a single answer on a busy machine. */
  quickPlan?: Plan
  /** Whether there is nothing to measure that another part does not measure on these databases. */
  isLeftOut?(databases: Databases): boolean
  run(bench: Bench): Promise<void>
}
