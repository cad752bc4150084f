import { runCommandLine } from './command-line.ts'
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

process.exitCode = await runCommandLine(process.argv.slice(2))
