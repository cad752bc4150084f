// Runs several verifiers in one process, as APIs do. Reports when each of them first refused a token.
import { createVerifier, type Verifier } from '@sallyport/verify'
import { sharedNow } from './clock.ts'

const { ISSUER = '', JWKS_URL = '', FEED_URL = '', INTROSPECT_URL = '', VERIFIER_SECRET = '' } = process.env

type Message = 'cpu' | 'refusals' | { open: number } | { accept: string }

/** A verifier, and a callback for each event of its feed. */
type Listening = { verifier: Verifier; onHeard: () => void }

let verifiers: Listening[] = []
let refusals: Promise<number[]> = Promise.resolve([])

process.on('message', async (message: Message) => {
  if (message === 'cpu') return
  try {
    if (message === 'refusals') process.send?.(await refusals)
    else if ('open' in message) process.send?.(await open(message.open))
    else process.send?.(await accept(message.accept))
  } catch (error) {
    process.send?.({ error: String(error) })
  }
})

async function open(count: number) {
  for (const { verifier } of verifiers) verifier.close()
  verifiers = Array.from({ length: count }, newVerifier)
  for (const { verifier } of verifiers) await verifier.ready()
  return { ready: count }
}

/**
 * Lets every verifier verify the token, which must be valid. From then on, each verifier verifies the token again at each event of its
 * feed.
 */
async function accept(token: string) {
  for (const { verifier } of verifiers) await verifier.verify(token)
  refusals = Promise.all(verifiers.map((listening) => refusalAt(listening, token)))
  return { accepted: verifiers.length }
}

function refusalAt(listening: Listening, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    listening.onHeard = () =>
      listening.verifier.verify(token).then(
        () => {},
        (error: { code?: string }) => {
          if (error.code === 'session_ended') resolve(sharedNow())
          else reject(error)
        },
      )
  })
}

function newVerifier(): Listening {
  const listening: Listening = {
    onHeard() {},
    verifier: createVerifier({
      issuer: ISSUER,
      audience: 'billing-api',
      jwksUrl: JWKS_URL,
      feed: { url: FEED_URL, introspectUrl: INTROSPECT_URL, credential: VERIFIER_SECRET },
      fetch: async (input, init) => {
        const { body, status, headers } = await fetch(input, init)
        return new Response(body?.pipeThrough(hearing(listening)) ?? null, { status, headers })
      },
    }),
  }
  return listening
}

/**
 * Returns a stream that passes the feed on and calls `onHeard` after each part. So a verifier is checked only after it has read an event.
 * If a hundred verifiers were checked in a loop, this would distort the measurement.
 */
function hearing(listening: Listening): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform(piece, controller) {
      controller.enqueue(piece)
      setImmediate(() => listening.onHeard())
    },
  })
}
