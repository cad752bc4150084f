import { optionsFromEnvironment } from '@sallyport/server'
import { serve } from '@sallyport/server/node'

/** `sallyport serve`: runs until it is told to stop, then finishes what is under way. */
export const serveCommand = {
  summary: 'Run the auth server until it is told to stop (Ctrl-C, SIGTERM).',
  async run(): Promise<void> {
    const server = await serve(optionsFromEnvironment(process.env))
    let stopping = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        // Asked twice is asked in earnest.
        if (stopping) process.exit(1)
        stopping = true
        void server.close().then(() => process.exit(0))
      })
    }
  },
}
