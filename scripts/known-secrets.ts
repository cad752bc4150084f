// Writes packages/protocol/src/known-secret-hashes.ts, the hashes of published secrets. It reads lists with one secret in each line:
//
//   node scripts/known-secrets.ts LIST…
//
// The lists are not stored in this repository. They are the resources of blacklanternsecurity/badsecrets (Django, Express, JWT, Laravel,
// Rack, Rails, Symfony, Yii), wallarm/jwt-secrets, and examples in the documentation of FastAPI, Flask, Supabase, Directus, Hasura, Spring,
// .NET tutorials and similar sources. Secrets that are refused anyway, because of their length or entropy, are omitted.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { secretHash } from '../packages/protocol/src/secret-hash.ts'
import { estimateBits } from '../packages/protocol/src/secret-worth.ts'

const file = fileURLToPath(new URL('../packages/protocol/src/known-secret-hashes.ts', import.meta.url))
const hashesOnALine = 38

const secrets = process.argv
  .slice(2)
  .flatMap((list) => readFileSync(list, 'utf8').split(/\r?\n/))
  // Laravel writes the encoding before the secret, as a prefix. Add the secret without the prefix too.
  .flatMap((line) => [line, line.replace(/^base64:/, '')])
  .filter((line) => line.length >= 32 && line.length <= 512 && estimateBits(line) >= 90)
const hashes = [...new Set(secrets.map(secretHash))].sort().join('')
const lines = hashes.match(new RegExp(`.{1,${hashesOnALine * 8}}`, 'g')) ?? []
writeFileSync(
  file,
  `/** The hashes of published secrets, eight characters each: see \`secretHash\`, and scripts/known-secrets.ts, which writes this. */
export const knownSecretHashes = \`
${lines.join('\n')}
\`
`,
)
console.log(`${hashes.length / 8} hashes`)
