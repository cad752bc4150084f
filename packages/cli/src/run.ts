import { CommanderError } from 'commander'
import { Refusal } from './commands/refusal.ts'
import { createProgram } from './program.ts'
import { tell } from './terminal/print.ts'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads has seen enough, as `head` has: what was to be done is done before it is printed.
  if (error.code === 'EPIPE') process.exit()
  tell(
    `Standard output cannot be written (${error.message}). What was asked for may have been done: look before you repeat it.`,
  )
  process.exit(1)
})
// Nobody listens to complaints: that is no reason to stop.
process.stderr.on('error', () => {})

try {
  await createProgram().parseAsync(wordsOf(process.argv.slice(2)), { from: 'user' })
} catch (error) {
  process.exitCode = report(error)
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
