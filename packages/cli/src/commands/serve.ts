import { command } from './command.ts'
import { orRefusal } from './open-sallyport.ts'
import { readSettings } from './read-settings.ts'

/** `sallyport serve`: runs the server until SIGINT or SIGTERM. Then it finishes the running requests and ends. */
export function serveCommand() {
  return command('serve', 'Run the auth server until Ctrl-C or SIGTERM.', {
    examples: [
      'SALLYPORT_SECRET=… SALLYPORT_ISSUER=http://localhost:4000 SALLYPORT_AUDIENCE=my-api sallyport serve',
      'sallyport serve --config sallyport.config.ts',
    ],
    more: 'Migrates the database first. The log goes to standard output, one JSON document per line.',
  }).action(async () => {
    const { serve } = await import('@sallyport/server/node')
    const settings = await readSettings()
    const server = await orRefusal(() => serve(settings.options, settings.customizations), settings)
    let stopping = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        // A second signal ends the process immediately.
        if (stopping) process.exit(1)
        stopping = true
        void server.close().then(() => process.exit(0))
      })
    }
  })
}
