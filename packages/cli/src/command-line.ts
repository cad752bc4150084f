import { CommanderError } from 'commander'
import { Refusal } from './commands/refusal.ts'
import { createProgram } from './program.ts'
import { tell } from './terminal/print.ts'

/** Runs a command line and returns the exit code. `typed` does not contain the program's name. */
export async function runCommandLine(typed: string[]): Promise<number> {
  try {
    await createProgram().parseAsync(wordsOf(typed), { from: 'user' })
    return 0
  } catch (error) {
    return report(error)
  }
}

/**
 * Prepares the arguments. If there are none, adds `--help`. A `kid` is base64url and may begin with a dash. In this case, adds `--` before
 * the `kid`, so that the `kid` is not read as an option.
 */
function wordsOf(words: string[]): string[] {
  if (words.length === 0) return ['--help']
  const kid = words.find((word) => /^-[\w-]{42}$/.test(word))
  return kid === undefined || words.includes('--')
    ? words
    : [...words.filter((word) => word !== kid), '--', kid]
}

/** Prints the error. Returns the exit code. */
function report(error: unknown): number {
  // Commander throws this error for `--help` and `--version` too. It has already printed the message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof Refusal) tell(error.message)
  // Any other error is a bug. Print only its stack: other members can contain the URL of the database with its password.
  else tell(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return 1
}
