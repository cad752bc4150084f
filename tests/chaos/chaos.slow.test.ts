import { createVerifier, type Verifier } from '@sallyport/verify'
import { expect, onTestFinished, test } from 'vitest'
import { seededRandom } from '../../packages/server/src/testing/random.ts'
import { testOptions } from '../../packages/server/src/testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds } from '../../packages/server/src/testing/stores.ts'
import { type AuthServer, settingsOf, startAuthServer } from '../processes/auth-server.ts'
import { isActive, login, refresh, until, verifierSecret } from '../processes/client.ts'
import { freePort } from '../system/free-port.ts'
import { HonestClient } from './honest-client.ts'
import { type Evidence, violationsIn } from './judge.ts'

/** Enough to find a fault in every run; `SALLYPORT_CHAOS_ROUNDS=500` is for a night. */
const rounds = Number(process.env.SALLYPORT_CHAOS_ROUNDS ?? 20)
const seed = Number(process.env.SALLYPORT_CHAOS_SEED ?? 20_261_123)

test.each(storeKinds)(
  'after repeated kills under load on %s, nothing acknowledged is lost [D08, R12]',
  { timeout: 600_000 },
  async (kind: StoreKind) => {
    const random = seededRandom(seed)
    const store = await freshStore(kind)
    const settings = { ...settingsOf(store.options), SALLYPORT_HASH_CONCURRENCY: '2' }
    const ports = kind === 'SQLite' ? [await freePort()] : [await freePort(), await freePort()]
    const urls = ports.map((port) => `http://127.0.0.1:${port}`)
    const start = (port: number) => startAuthServer(settings, onTestFinished, port)
    const servers: AuthServer[] = await Promise.all(ports.map(start))
    const verifier = followOne(urls[0] ?? '')
    const clients = Array.from(
      { length: 6 },
      (_, index) => new HonestClient(`client-${index}`, seededRandom(seed + index)),
    )
    let answered = 0
    let unanswered = 0
    let kills = 0

    for (let round = 0; round < rounds; round += 1) {
      const enough = 1 + random.below(40)
      const victims = kind === 'SQLite' ? [0] : random.pick([[0], [1], [0, 1]])
      let done = 0
      let isOver = false
      const struck = Promise.withResolvers<void>()
      const working = clients.map(async (client) => {
        while (!isOver) {
          if (await client.act(urls)) answered += 1
          else {
            unanswered += 1
            if (isOver) return
          }
          done += 1
          if (done >= enough) struck.resolve()
        }
      })
      // During whatever requests are pending at that time.
      await struck.promise
      await Promise.all(victims.map((victim) => servers[victim]?.crash()))
      kills += victims.length
      isOver = true
      await Promise.all(working)
      await Promise.all(
        victims.map(async (victim) => {
          servers[victim] = await start(ports[victim] ?? 0)
        }),
      )
    }

    const evidence = await collect(clients, urls, verifier)
    console.log(
      `Chaos on ${kind}, seed ${seed}: ${rounds} rounds, ${kills} kills, ${answered} answered, ${unanswered} not, ${evidence.length} pieces of evidence.`,
    )
    expect(violationsIn(evidence)).toEqual([])
    if (kind === 'SQLite')
      expect(await store.query('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }])
    // Without these the run has shown nothing.
    expect(unanswered).toBeGreaterThan(rounds)
    expect(
      evidence.filter((piece) => piece.kind === 'session' && piece.believed === 'ended').length,
    ).toBeGreaterThan(10)
  },
)

/** A verifier that follows the feed of one process across its restarts. */
function followOne(url: string): Verifier {
  const verifier = createVerifier({
    issuer: testOptions.issuer,
    audience: 'billing-api',
    jwksUrl: `${url}/.well-known/jwks.json`,
    feed: {
      url: `${url}/api/auth/revocations`,
      credential: verifierSecret,
      // Only what it learns from the feed counts here.
      whenStale: 'accept',
    },
  })
  onTestFinished(() => verifier.close())
  return verifier
}

/** After the last kill, checks everything that clients were told. */
async function collect(clients: HonestClient[], urls: string[], verifier: Verifier): Promise<Evidence[]> {
  const evidence: Evidence[] = clients.flatMap((client) => client.evidence)
  const [url = ''] = urls
  await until('the verifier follows again', async () => {
    await verifier.ready()
    return true
  })
  for (const { accounts } of clients) {
    for (const { email, passwords, isCertain, sessions } of accounts) {
      const tried = new Set([...passwords, 'open the second door'])
      for (const { id, tokens, belief } of sessions) {
        const accepted = () =>
          verifier.verify(tokens.accessToken).then(
            () => true,
            () => false,
          )
        // Its feed is up to date, or will be in a moment.
        if (belief === 'ended')
          await until(`${id} is refused`, async () => !(await accepted()), 10).catch(() => {})
        const isKnownToVerifier = await accepted()
        const active = await isActive(url, tokens.accessToken)
        const refreshes = (await refresh(url, tokens.refreshToken)).status === 200
        evidence.push({
          kind: 'session',
          id,
          believed: belief,
          refreshes,
          isActive: active,
          isKnownToVerifier,
        })
      }
      const opens: string[] = []
      for (const password of tried)
        if ((await login(url, email, password)).status === 200) opens.push(password)
      evidence.push({ kind: 'password', email, possible: passwords, opens, maybeUnregistered: !isCertain })
    }
  }
  return evidence
}
