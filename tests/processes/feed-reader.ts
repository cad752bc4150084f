import { get, type IncomingMessage } from 'node:http'
import type { Revocation } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { createVerifier, type Verifier, type VerifierOptions } from '@sallyport/verify'
import { testOptions } from '../../packages/server/src/testing/sallyport.ts'
import type { Clean } from './auth-server.ts'
import { bearer, verifierSecret } from './client.ts'

/** Opens the revocation feed without reading it. Until the caller reads the feed, its bytes stay in the buffers. */
export async function openFeed(url: string, lastEventId?: string): Promise<IncomingMessage> {
  const headers = { ...bearer(verifierSecret), ...(lastEventId && { 'last-event-id': lastEventId }) }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url + paths.revocations, { headers, agent: false }, resolve).on('error', reject)
  })
  if (response.statusCode !== 200) throw new Error(`The feed answered ${response.statusCode}.`)
  return response
}

/** Reads a feed to its end, and keeps its entries. */
export class FeedReader {
  /** The numbers of the entries, in order of arrival. */
  readonly numbers: number[] = []
  readonly sessions = new Set<string>()
  /** The number of heartbeats. */
  signsOfLife = 0
  lastEventId: string | undefined
  /** Resolves when the stream is over, for any reason. */
  readonly ended: Promise<void>
  readonly #response: IncomingMessage

  constructor(response: IncomingMessage) {
    this.#response = response
    this.ended = this.#read()
  }

  close(): void {
    this.#response.destroy()
  }

  async #read(): Promise<void> {
    let text = ''
    try {
      for await (const chunk of this.#response.setEncoding('utf8')) {
        text += chunk
        const frames = text.split('\n\n')
        text = frames.pop() ?? ''
        for (const frame of frames) this.#take(frame)
      }
    } catch {
      // The connection was cut. An incomplete frame is ignored.
    }
  }

  #take(frame: string): void {
    if (frame === ': alive') this.signsOfLife += 1
    const { id, event, data } = Object.fromEntries(
      frame.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)),
    ) as { id?: string; event?: string; data?: string }
    if (id !== undefined) this.lastEventId = id
    if (event === undefined || data === undefined) return
    const value = JSON.parse(data) as Revocation & { revocations: Revocation[] }
    for (const entry of event === 'revocation' ? [value] : value.revocations) {
      this.numbers.push(entry.seq)
      if ('sid' in entry) this.sessions.add(entry.sid)
    }
  }
}

/** Follows the feed of a server until the test is over. */
export async function followFeed(url: string, clean: Clean): Promise<FeedReader> {
  const reader = new FeedReader(await openFeed(url))
  clean(() => reader.close())
  return reader
}

/** Returns a verifier as in an API. By default, it gets revocations only from the feed of this server. */
export function verifierAt(
  url: string,
  clean: Clean,
  {
    feed = {},
    ...options
  }: Omit<Partial<VerifierOptions>, 'feed'> & { feed?: Partial<NonNullable<VerifierOptions['feed']>> } = {},
): Verifier {
  const verifier = createVerifier({
    issuer: testOptions.issuer,
    audience: 'billing-api',
    jwksUrl: url + paths.jwks,
    feed: { url: url + paths.revocations, credential: verifierSecret, whenStale: 'reject', ...feed },
    ...options,
  })
  clean(() => verifier.close())
  return verifier
}

/** Returns the verdict of a verifier on a token: `live`, or the code of its refusal. */
export async function verdict(verifier: Verifier, accessToken: string): Promise<string> {
  try {
    await verifier.verify(accessToken)
    return 'live'
  } catch (error) {
    return (error as { code: string }).code
  }
}
