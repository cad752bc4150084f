import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { faultOfCredential } from '../../packages/protocol/src/secret.ts'
import { readSecrets } from '../../scripts/example/secrets.ts'

it('creates missing or empty secrets once, and keeps them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const made = readSecrets(folder, false, { SALLYPORT_VERIFIER_SECRET: '' })
  expect(Object.values(made).map(faultOfCredential)).toEqual([null, null, null])
  expect(JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8'))).toEqual(made)
  expect(readSecrets(folder, false, { SALLYPORT_FRONTEND_SECRET: '' })).toEqual(made)
})
