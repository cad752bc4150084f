// The memory of the stored revocations in a separate process: in a bare Map, in a RevocationSet, or in a verifier that follows a feed.
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createVerifier, RevocationSet, type Verifier } from '@sallyport/verify'
import { newSessionId } from './session-id.ts'

export type Holder = 'map' | 'set' | 'feed'

const { ISSUER = '', JWKS_URL = '', FEED_URL = '', INTROSPECT_URL = '', VERIFIER_SECRET = '' } = process.env

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

process.on('message', async (message: 'cpu' | { holder: Holder; count: number }) => {
  if (message === 'cpu') return
  try {
    process.send?.({ bytes: await weigh(message.holder, message.count) })
  } catch (error) {
    process.send?.({ error: String(error) })
  }
})

async function weigh(holder: Holder, count: number): Promise<number> {
  if (holder === 'feed') return weighFeed()
  const until = Date.now() + 600_000
  const before = heapUsed()
  const held = holder === 'map' ? fillMap(count, until) : fillSet(count, until)
  const after = heapUsed()
  if (held.size !== count) throw new Error(`It has ${held.size} of ${count} revocations.`)
  return after - before
}

function fillMap(count: number, until: number): Map<string, number> {
  const map = new Map<string, number>()
  for (let index = 0; index < count; index++) map.set(newSessionId(), until)
  return map
}

function fillSet(count: number, until: number): RevocationSet {
  const set = new RevocationSet()
  for (let index = 0; index < count; index++) set.add({ sid: newSessionId(), until })
  return set
}

/**
 * Returns the memory of a verifier that has the snapshot of an auth server whose log contains all revocations. It is the second verifier of
 * this process, so that memory which is needed only for the first request is not counted.
 */
async function weighFeed(): Promise<number> {
  await follow()
  const before = heapUsed()
  await follow()
  return heapUsed() - before
}

/** Objects that must not be garbage-collected during the measurement. */
const kept: Verifier[] = []

async function follow(): Promise<void> {
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: 'billing-api',
    jwksUrl: JWKS_URL,
    feed: { url: FEED_URL, introspectUrl: INTROSPECT_URL, credential: VERIFIER_SECRET },
  })
  kept.push(verifier)
  await verifier.ready()
  verifier.close()
  // Meanwhile the buffers of the connection are released.
  await setTimeout(200)
}

function heapUsed(): number {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().heapUsed
}
