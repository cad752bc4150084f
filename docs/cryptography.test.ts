import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../scripts/install.mjs'

const page = readFileSync(join(root, 'docs/cryptography.md'), 'utf8')
const sources = globSync('packages/*/src/**/*.{ts,tsx}', {
  cwd: root,
  exclude: ['**/*.test.ts', '**/testing/**', '**/node_modules/**'],
}).map((file) => ({ file: file.replaceAll('\\', '/'), text: readFileSync(join(root, file), 'utf8') }))

/** The files in which a pattern is found, each with what it found there. */
function uses(pattern: RegExp): [found: string, file: string][] {
  return sources.flatMap(({ file, text }) =>
    [...text.matchAll(pattern)].map(([, found = '']): [string, string] => [found, file]),
  )
}

test('ASVS 11.1.2, 11.2.1: the packages use no cryptography but what is on the page', () => {
  expect(sources.length).toBeGreaterThan(200)
  const imported = uses(/import \{([^}]*)\} from 'node:crypto'/g)
    .flatMap(([names]) => names.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
  expect(imported.length).toBeGreaterThan(30)
  expect(imported.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  expect(uses(/from '(crypto)'/g)).toEqual([])
  expect(uses(/(import \* as \w+ from 'node:crypto')/g)).toEqual([])
  expect(uses(/(crypto\.subtle|webcrypto)/g)).toEqual([])
  const others = uses(/from '([^']*(?:argon2|bcrypt|scrypt|crypto-js|noble|tweetnacl|sodium)[^']*)'/g)
    .map(([name]) => name)
    .filter((name) => !name.startsWith('.'))
  expect(new Set(others)).toEqual(new Set(['@node-rs/argon2', 'bcrypt']))
})

test('ASVS 11.3.1, 11.3.2, 11.3.3: what is encrypted is encrypted by AES-256-GCM, but for old hashes of Firebase', () => {
  const ciphers = uses(/create(?:Cipher|Decipher)iv\(\s*(?:'([^']*)')?/g)
  expect(ciphers.length).toBeGreaterThan(4)
  expect(ciphers.filter(([cipher]) => cipher !== 'aes-256-gcm')).toEqual([
    ['aes-256-ctr', 'packages/server/src/credentials/foreign/firebase.ts'],
  ])
})

test('ASVS 11.4.1, 11.4.3: hashes are SHA-256 and longer, but for a breach service, imported passwords and codes of apps', () => {
  const isForOldHashes = (file: string) =>
    /\/credentials\/(?:foreign\/|breached\.ts$)|\/tokens\/totp\.ts$/.test(file)
  const hashes = uses(/(?:createHash|createHmac|hkdfSync|\bsign|\bverify)\(\s*'([^']*)'/g)
  expect(hashes.length).toBeGreaterThan(20)
  expect(hashes.filter(([hash, file]) => hash !== 'sha256' && !isForOldHashes(file))).toEqual([])
})

test('ASVS 6.5.3, 11.5.1: what nobody may guess comes from the generator of node:crypto', () => {
  expect(uses(/(Math\.random)/g)).toEqual([['Math.random', 'packages/verify/src/revocation-feed.ts']])
  const bytes = uses(/\brandomBytes\((\d+)\)/g)
  expect(bytes.length).toBeGreaterThan(5)
  // 96 bits are the IV of AES-GCM; 128 the random part of an id, which opens nothing; 120 a recovery code, which is used once and
  // throttled; 160 the secret of an authenticator app (RFC 4226 section 4). 32 bits make a mailed code of six digits, which can be tried
  // five times, and the end of an organization's address, which opens nothing.
  expect(
    bytes
      .map(([count]) => Number(count))
      .filter((count) => count < 24 && ![4, 12, 15, 16, 20].includes(count)),
  ).toEqual([])
})
