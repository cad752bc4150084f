// `node scripts/vectors/main.ts` writes tests/vectors/access-tokens.json and tests/vectors/permissions.json. With the name of one of them, it
// writes only that file. The private keys exist only while this script runs.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { audience, issuer, nowSeconds } from '../../packages/verify/src/testing/issuer.ts'
import { root } from '../install.mjs'
import { createVectorKeys, createVectors } from './cases.ts'
import { vectorKeySet } from './key-cases.ts'
import { definition, nameCases, permissionCases, wrongDefinitions } from './permission-cases.ts'

const keys = createVectorKeys()
const verifier = { issuer, audience, now: nowSeconds }
const files = {
  'access-tokens': () => ({
    comment:
      'Access tokens, each with the result that a verifier must have at the time `now` (seconds). Every token that is not accepted gets 401. token_expired tells the caller to refresh.',
    ...verifier,
    algorithms: ['ES256'],
    clockToleranceSeconds: 5,
    maxTokenLifetimeSeconds: 3600,
    jwks: { keys: vectorKeySet(keys) },
    cases: createVectors(keys),
  }),
  permissions: () => ({
    comment:
      'Valid access tokens at the time `now` (seconds), each with the permissions of the user, with and without the definition of roles and permissions in `definition`. `names` are names that a guard requires, each with the sentence with which the guard is refused at the start. `wrongDefinitions` stop the start.',
    ...verifier,
    jwks: { keys: [keys.first.publicJwk] },
    definition,
    cases: permissionCases(keys),
    names: nameCases(),
    wrongDefinitions,
  }),
}

const [only] = process.argv.slice(2)
for (const [name, vectors] of Object.entries(files)) {
  if (only !== undefined && only !== name) continue
  const file = join(root, `tests/vectors/${name}.json`)
  const content = vectors()
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`)
  console.log(`${content.cases.length} tokens: ${file}`)
}
