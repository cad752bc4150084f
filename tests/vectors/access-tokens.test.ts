import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createVerifier, type Verifier } from '../../packages/verify/src/index.ts'
import { guardedApis } from '../../packages/verify/src/testing/guarded-apis.ts'
import { root } from '../../scripts/install.mjs'
import { createVectorKeys, createVectors } from '../../scripts/vectors/cases.ts'
import { vectorKeySet } from '../../scripts/vectors/key-cases.ts'
import type { Vector } from '../../scripts/vectors/vector.ts'

const vectors = JSON.parse(readFileSync(join(root, 'tests/vectors/access-tokens.json'), 'utf8')) as {
  issuer: string
  audience: string
  now: number
  jwks: { keys: unknown[] }
  cases: Vector[]
}

it('the file has the cases that the script would write now', () => {
  const sense = ({ name, rules, verdict, reason }: Vector) => ({ name, rules, verdict, reason })
  expect(vectors.cases.map(sense)).toEqual(createVectors(createVectorKeys()).map(sense))
  expect(new Set(vectors.cases.map(({ name }) => name)).size).toBe(vectors.cases.length)
  expect(JSON.stringify(vectors.jwks)).not.toContain('"d"')
  const named = (keys: unknown[]) => keys.map((key) => (key as { kid?: unknown } | null)?.kid)
  expect(named(vectors.jwks.keys)).toEqual(named(vectorKeySet(createVectorKeys())))
})

it('the page about other backends states their number', () => {
  const page = readFileSync(join(root, 'docs/any-backend.md'), 'utf8')
  expect(page).toContain(`[${vectors.cases.length} test tokens]`)
})

/** A verifier as a user creates one: the keys come over the network, with the keys of the file in the response. */
function vectorVerifier(): Verifier {
  return createVerifier({
    issuer: vectors.issuer,
    audience: vectors.audience,
    clock: () => vectors.now * 1000,
    fetch: async () => Response.json(vectors.jwks),
  })
}

describe('the verifier itself', () => {
  const verifier = vectorVerifier()
  afterAll(() => verifier.close())
  it.each(vectors.cases)('$rules: $name is $verdict', async ({ token, verdict }) => {
    const outcome = await verifier.verify(token).then(
      () => 'accepted',
      (error: { code?: string }) => error.code,
    )
    expect(outcome).toBe(verdict)
  })
})

describe.each(Object.keys(guardedApis))('an API guarded in %s', (name) => {
  const endings: (() => void)[] = []
  const verifier = vectorVerifier()
  let url: string
  beforeAll(async () => {
    url = (await guardedApis[name]?.(verifier, (ending) => endings.push(ending))) ?? ''
  })
  afterAll(() => {
    for (const ending of endings) ending()
    verifier.close()
  })
  it('gives each token the verdict of the file', async () => {
    const outcomes: [string, string][] = []
    for (const { name: token, token: text } of vectors.cases) {
      // A header cannot contain a line break, and loses blanks at its ends: those never reach a server.
      if (text !== text.trim()) continue
      const answer = await fetch(url, { headers: { authorization: `Bearer ${text}` } })
      const { code = '' } =
        answer.status === 200 ? { code: 'accepted' } : ((await answer.json()) as { code?: string })
      expect([200, 401]).toContain(answer.status)
      if (answer.status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
      outcomes.push([token, code])
    }
    const expected = vectors.cases
      .filter(({ token }) => token === token.trim())
      .map(({ name: token, verdict }) => [token, verdict])
    expect(outcomes).toEqual(expected)
  })
})
