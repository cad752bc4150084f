import type { Reporter, TestModule } from 'vitest/node'

/** The time between two lines of progress, in milliseconds. */
const everyMs = 30_000

/** Prints from time to time how many files have run. Otherwise, a run prints only failures, and takes minutes. */
export default class Progress implements Reporter {
  private files = 0
  private ended = 0
  private failed = 0
  private readonly began = Date.now()
  private timer: NodeJS.Timeout | undefined

  onTestRunStart(specifications: readonly unknown[]): void {
    this.files = specifications.length
    this.timer = setInterval(() => this.say(), everyMs).unref()
  }

  onTestModuleEnd(module: TestModule): void {
    this.ended += 1
    if (!module.ok()) this.failed += 1
  }

  onTestRunEnd(): void {
    clearInterval(this.timer)
  }

  private say(): void {
    const seconds = Math.round((Date.now() - this.began) / 1000)
    console.log(`  Tests … ${this.ended} of ${this.files} files, ${this.failed} failed, ${seconds} s`)
  }
}
