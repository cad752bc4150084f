// `node scripts/vectors/main.ts` writes tests/vectors/access-tokens.json. The private keys exist only while this script runs.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { audience, issuer, nowSeconds } from '../../packages/verify/src/testing/issuer.ts'
import { root } from '../install.mjs'
import { createVectorKeys, createVectors } from './cases.ts'
import { vectorKeySet } from './key-cases.ts'

const keys = createVectorKeys()
const file = join(root, 'tests/vectors/access-tokens.json')
const vectors = {
  comment:
    'Access tokens, each with the result that a verifier must have at the time `now` (seconds). Every token that is not accepted gets 401. token_expired tells the caller to refresh.',
  issuer,
  audience,
  now: nowSeconds,
  algorithms: ['ES256'],
  clockToleranceSeconds: 5,
  maxTokenLifetimeSeconds: 3600,
  jwks: { keys: vectorKeySet(keys) },
  cases: createVectors(keys),
}
writeFileSync(file, `${JSON.stringify(vectors, null, 2)}\n`)
console.log(`${vectors.cases.length} tokens: ${file}`)
