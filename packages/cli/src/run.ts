import { runCommandLine } from './command-line.ts'
import { tell } from './terminal/print.ts'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader, such as `head`, has closed the pipe. The process can end, because commands print only after they have done their work.
  if (error.code === 'EPIPE') process.exit()
  tell(
    `Writing to standard output failed (${error.message}). The command may have done its work: check before you repeat it.`,
  )
  process.exit(1)
})
// If standard error is closed, the command continues.
process.stderr.on('error', () => {})

process.exitCode = await runCommandLine(process.argv.slice(2))
