import type { Databases } from '../issuers/databases.ts'
import type { Plan } from '../measure/compare.ts'
import type { Generator } from '../measure/load.ts'
import type { Column } from '../report.ts'

/** What a part of the bench uses. */
export type Bench = {
  generator: Generator
  /** The folder for this run's data and logs. */
  workDir: string
  /** Where auth servers store their data. */
  databases: Databases
  /** Whether this is a test run, which measures less and whose figures must not be quoted. */
  quick: boolean
  /** How long each row is measured. */
  plan: Plan
  /** Whether a row was requested. */
  wants(name: string): boolean
  /** Prints a table's head, and then each row as it is finished. */
  table(title: string, columns: readonly Column[]): Report
  /** Prints a line below the table's rows. */
  note(sentence: string): void
}

/**
 * Prints a row. `cpuRatio` is for rows about our own code. It is the CPU time of one request divided by that of its baseline, and is
 * compared with the recorded ratio.
 */
export type Report = (name: string, cells: readonly string[], cpuRatio?: number) => void

/** One part of the bench. */
export type Part = {
  plan: Plan
  /** The plan with `--quick`. Needed if the common quick plan is too short for a single response on a busy machine. */
  quickPlan?: Plan
  /** Returns whether this part is skipped, because another part measures the same on these databases. */
  isLeftOut?(databases: Databases): boolean
  run(bench: Bench): Promise<void>
}
