import { optionsFromEnvironment } from '@sallyport/server'
import { serve } from '@sallyport/server/node'

/** `sallyport serve`: runs until it is told to stop, then finishes what is under way. */
export async function serveCommand(): Promise<void> {
  const server = await serve(optionsFromEnvironment(process.env))
  console.log(`Sallyport listens on ${server.url}`)
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return
      stopping = true
      void server.close().then(() => process.exit(0))
    })
  }
}
