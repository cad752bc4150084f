import { CommanderError } from 'commander'
import { Refusal } from './commands/refusal.ts'
import { createProgram } from './program.ts'
import { tell } from './terminal/print.ts'

/** Does what was typed, without the program's own name. Returns the exit code. */
export async function runCommandLine(typed: string[]): Promise<number> {
  try {
    await createProgram().parseAsync(wordsOf(typed), { from: 'user' })
    return 0
  } catch (error) {
    return report(error)
  }
}

/** What was typed. Nothing at all asks for help; and the id of a key is base64url: one in 64 begins with a dash, and is no option. */
function wordsOf(words: string[]): string[] {
  if (words.length === 0) return ['--help']
  const kid = words.find((word) => /^-[\w-]{42}$/.test(word))
  return kid === undefined || words.includes('--')
    ? words
    : [...words.filter((word) => word !== kid), '--', kid]
}

/** Says what went wrong; the exit code. */
function report(error: unknown): number {
  // Help and versions end the program like this too. Its own errors have been told by then.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof Refusal) tell(error.message)
  // A fault of ours: show where. The stack alone, because other members can hold an address with its password.
  else tell(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return 1
}
