import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { bearer, frozenClock, startSallyport } from '../../packages/server/src/testing/sallyport.ts'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import { newTotpSecret, totpCode, totpStep } from '../../packages/server/src/tokens/totp.ts'
import { skipping } from '../system/interpreters.ts'

const programs = { oathtool: ['--version'], zbarimg: ['--version'], 'rsvg-convert': ['--version'] }
const missing = Object.entries(programs).filter(
  ([name, words]) => spawnSync(name, words, { stdio: 'ignore' }).status !== 0,
)
const isMissing = missing.length > 0
if (isMissing)
  skipping(
    'The test with other authenticators needs Debian’s packages oathtool, zbar-tools and librsvg2-bin.',
  )

/** Runs a program and returns what it prints. */
function printed(name: keyof typeof programs, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(name, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${name}: ${status} ${stderr}`)
  return stdout.trim()
}

const codeOf = (secret: string, now: number) =>
  printed('oathtool', '--totp', '--base32', secret, '--now', `@${Math.floor(now / 1000)}`)

describe.skipIf(isMissing)('other programs', () => {
  test('oathtool computes the same codes, at many times and with many secrets', () => {
    for (let count = 0; count < 60; count++) {
      const secret = newTotpSecret(randomBytes)
      const now = randomBytes(4).readUInt32BE() * 1000 + 1_000 * count
      expect(codeOf(secret, now), `${secret} at ${now}`).toBe(totpCode(secret, totpStep(now)))
    }
  })

  test('a reader of QR codes finds the secret, and oathtool sets up the account with it', async () => {
    const clock = frozenClock()
    const server = await startSallyport({ productName: 'Müller & Söhne: Bücher' }, clock)
    await server.addUser()
    const { accessToken } = await server.signIn()
    const me = bearer(accessToken)
    const started = await server.post(paths.startTotp, {}, me)
    const { id, uri, secret, qrCode } = (await started.json()) as Record<string, string>
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'code.svg'), qrCode ?? '')
    const image = join(folder, 'code.png')
    printed('rsvg-convert', '--output', image, join(folder, 'code.svg'))
    const read = printed('zbarimg', '--quiet', '--raw', '--oneshot', image)
    expect(read).toBe(uri)
    const found = new URL(read).searchParams.get('secret') ?? ''
    expect(found).toBe(secret)
    const confirmed = await server.post(paths.confirmTotp, { id, code: codeOf(found, clock()) }, me)
    expect(confirmed.status).toBe(200)
  })
})
