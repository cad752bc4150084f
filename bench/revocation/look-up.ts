// The cost of one look-up in the set of revocations, and of a verification that includes it.
import { createVerifier, RevocationSet, type TokenHolder, type Verifier } from '@sallyport/verify'
import { newSessionId } from './session-id.ts'

const { ISSUER = '', JWKS_URL = '', TOKENS = '[]' } = process.env

type Message = 'cpu' | { work: 'look-up' | 'verification'; entries: number; seconds: number }

const sets = new Map<number, RevocationSet>()
const verifiers = new Map<number, Verifier>()
const tokens = JSON.parse(TOKENS) as string[]
const holders: TokenHolder[] = Array.from({ length: 1_000 }, () => ({
  sessionId: newSessionId(),
  userId: newSessionId(),
  version: 0,
  keyId: 'the-only-key',
}))

process.on('message', async (message: Message) => {
  if (message === 'cpu') return
  try {
    const set = setOf(message.entries)
    const answer =
      message.work === 'look-up'
        ? lookUp(set, message.seconds)
        : await verify(message.entries, message.seconds)
    process.send?.(answer)
  } catch (error) {
    process.send?.({ error: String(error) })
  }
})

function setOf(entries: number): RevocationSet {
  let set = sets.get(entries)
  if (set === undefined) {
    set = new RevocationSet()
    const until = Date.now() + 3_600_000
    for (let index = 0; index < entries; index++) set.add({ sid: newSessionId(), until })
    sets.set(entries, set)
  }
  return set
}

/** Looks up sessions that are not revoked, because almost all sessions of a real API are not revoked. */
function lookUp(set: RevocationSet, seconds: number) {
  const started = performance.now()
  let answers = 0
  let found = 0
  while (performance.now() - started < seconds * 1000) {
    for (const holder of holders) if (set.findRefusal(holder) !== null) found++
    answers += holders.length
  }
  if (found > 0) throw new Error('A session is refused that was not revoked.')
  return { answers, seconds: (performance.now() - started) / 1000 }
}

/** Verifies tokens that have been verified before. This is true for most tokens at an API. */
async function verify(entries: number, seconds: number) {
  let verifier = verifiers.get(entries)
  if (verifier === undefined) {
    verifier = createVerifier({
      issuer: ISSUER,
      audience: 'billing-api',
      jwksUrl: JWKS_URL,
      revocations: setOf(entries),
    })
    verifiers.set(entries, verifier)
    for (const token of tokens) await verifier.verify(token)
  }
  const started = performance.now()
  let answers = 0
  while (performance.now() - started < seconds * 1000) {
    for (const token of tokens) await verifier.verify(token)
    answers += tokens.length
  }
  return { answers, seconds: (performance.now() - started) / 1000 }
}
