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
  table(title: string, columns: readonly Column[]): (name: string, cells: readonly string[]) => void
  /** Says something below the table's rows. */
  note(sentence: string): void
}

/** One part of the bench. */
export type Part = {
  plan: Plan
  /** With `--quick`, where the plan of all parts is too short for a single answer on a busy machine. */
  quickPlan?: Plan
  run(bench: Bench): Promise<void>
}
