import { command } from './command.ts'
import { orRefusal } from './open-sallyport.ts'
import { readSettings } from './read-settings.ts'

/** `sallyport serve`: runs until it is told to stop, then finishes what is under way. */
export function serveCommand() {
  return command('serve', 'Run the auth server until it is told to stop (Ctrl-C, SIGTERM).', {
    examples: [
      'SALLYPORT_SECRET=… SALLYPORT_ISSUER=http://localhost:4000 SALLYPORT_AUDIENCE=my-api sallyport serve',
      'sallyport serve --config sallyport.config.ts',
    ],
    more: 'Its log goes to standard output, one JSON document a line. The database is migrated first.',
  }).action(async () => {
    const { serve } = await import('@sallyport/server/node')
    const settings = await readSettings()
    const server = await orRefusal(() => serve(settings.options, settings.extensions), settings)
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
