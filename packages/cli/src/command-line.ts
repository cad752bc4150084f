import { CommanderError } from 'commander'
import { Refusal } from './commands/refusal.ts'
import { createProgram } from './program.ts'
import { tell } from './terminal/print.ts'

/** Runs a command line, given without the program's name. Returns the exit code. */
export async function runCommandLine(typed: string[]): Promise<number> {
  try {
    await createProgram().parseAsync(wordsOf(typed), { from: 'user' })
    return 0
  } catch (error) {
    return report(error)
  }
}

/** Without arguments: `--help`. A `kid` is base64url and may begin with a dash; it goes behind `--`, so that it is not read as an option. */
function wordsOf(words: string[]): string[] {
  if (words.length === 0) return ['--help']
  const kid = words.find((word) => /^-[\w-]{42}$/.test(word))
  return kid === undefined || words.includes('--')
    ? words
    : [...words.filter((word) => word !== kid), '--', kid]
}

/** Prints the error. Returns the exit code. */
function report(error: unknown): number {
  // `--help` and `--version` end the program like this too. Commander has printed its own errors by now.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof Refusal) tell(error.message)
  // A bug: print the stack, and nothing else, because other members can contain a database address with its password.
  else tell(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return 1
}
