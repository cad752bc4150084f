import { command } from './command.ts'
import { orRefusal } from './open-sallyport.ts'

/** `sallyport serve`: runs until it is told to stop, then finishes what is under way. */
export function serveCommand() {
  return command('serve', 'Run the auth server until it is told to stop (Ctrl-C, SIGTERM).', {
    examples: [
      'SALLYPORT_SECRET=… SALLYPORT_ISSUER=http://localhost:4000 SALLYPORT_AUDIENCE=my-api sallyport serve',
    ],
    more: 'Its log goes to standard output, one JSON document a line. The database is migrated first.',
  }).action(async () => {
    const { optionsFromEnvironment } = await import('@sallyport/server')
    const { serve } = await import('@sallyport/server/node')
    const server = await orRefusal(() => serve(optionsFromEnvironment(process.env)))
    let stopping = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        // Asked twice is asked in earnest.
        if (stopping) process.exit(1)
        stopping = true
        void server.close().then(() => process.exit(0))
      })
    }
  })
}
