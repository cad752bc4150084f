import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxArgon2Kibibytes, maxBcryptCost, maxPbkdf2Work, maxScryptBytes } from './foreign/check.ts'
import { checkOf, type ForeignHashConfig, isSupportedHash } from './foreign-hash.ts'

const firebase = {
  signerKey: 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==',
  saltSeparator: 'Bw==',
}
const settings: ForeignHashConfig = { legacySha2: true, firebase }

/** Each made by the named system, published by it, or computed without our code. */
const vectors: { source: string; password: string; stored: string }[] = [
  // python3-argon2 21.1 (argon2-cffi).
  ...[
    '$argon2i$v=19$m=8192,t=2,p=2$eq+qVavUdCITykMZwMtlJQ$Tw7X01eWzgHUvI3VnorFMg',
    '$argon2d$v=19$m=8192,t=2,p=2$SGkM0O44ZiZzYK1Dt8vAvA$4SVYNI6fqByukX85uUAzpA',
    '$argon2id$v=19$m=8192,t=2,p=2$mOaJeeJmVvm99DXgsBLvYA$sKriZFQt32eS5VrCMOGiKw',
  ].map((stored) => ({ source: 'argon2-cffi', password: 'pässword of argon2 1', stored })),
  // The first two from python3-bcrypt 3.2, the third from PHP 8.2.
  ...[
    '$2b$10$HiBeW7jep8xJFLk3TsMTDecWS0EuXtgu04UQNoyRm//feK3VZpV0u',
    '$2a$10$xy7DtXxG79LI/lJWOoUHu.mBRj7bomky/ikg16Vzkq0LgwqiHX2Ci',
    '$2y$10$sWMvtm3pjaArw4m8PBrPg.e4fLWcuvuohqiLDtqarxbWwUErNf2Pi',
  ].map((stored) => ({ source: 'bcrypt', password: 'pässword of bcrypt 1', stored })),
  // Django 3.2.25's make_password; the last one from Python's hashlib.scrypt in the format of Django 4.
  ...[
    'pbkdf2_sha256$260000$51V4uraCa1TQeR3OpJxgoD$jbjMyMYxEm19aBj/xO3rMptGp1srP9Do0QDnPm83nFI=',
    'pbkdf2_sha1$260000$gNVG3mWkpvvJPLnLLUuKyj$vv9PC3VAA/mf3VZ6abji9y5k4PM=',
    'argon2$argon2id$v=19$m=102400,t=2,p=8$NzBKMWk3OUFrYUQ5UUtWSWN2bVBleA$IcyDkaGJXrFNaJB54niIJg',
    'bcrypt_sha256$$2b$12$1JnXivZQbvBoOwMBv4gyNuvFWGW8EZ3o8l2pi5tQ63yygw5Y1ZYNe',
    'bcrypt$$2b$12$X/3pQz9XYz6WhxGDJd/1m.HCMaxa9Fxf.Bhydq8Hl/MsqOFC8N7tO',
    'scrypt$16384$Y3dFf4n7Qb1tZr0sPq8uLm$8$1$SnZQuHTgbJ+cC0VoV51oGHaTdmp0ThQfYG93UDeDIQHE/gUo7X2or1frz/V/PNeIPHHdJVpodDQ0IyvtY7mpDw==',
  ].map((stored) => ({ source: 'Django', password: 'pässword of Django 1', stored })),
  // better-auth 1.7.25's hashPassword.
  {
    source: 'Better Auth',
    password: 'pässword of Better Auth 1',
    stored:
      'better-auth$72f2e0f17438b0cbe65acb97ba9791a3:5dc986116c165e167fd1e9946be44a733ce5b359b35c8edf40fa5019b386d372f6d1ef0d1700e6bf993b6889d5868ec0b01c2cc4d9c60a9bea95bbaab9336bcc',
  },
  // PasswordHasherTest of ASP.NET Core (dotnet/aspnetcore): version 2, then version 3 with SHA-512, SHA-1 and SHA-256.
  ...[
    'ANXrDknc7fGPpigibZXXZFMX4aoqz44JveK6jQuwY3eH/UyPhvr5xTPeGYEckLxz9A==',
    'AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw',
    'AQAAAAIAAAD6AAAAIJbVi5wbMR+htSfFp8fTw8N8GOS/Sje+S/4YZcgBfU7EQuqv4OkVYmc4VJl9AGZzmRTxSkP7LtVi9IWyUxX8IAAfZ8v+ZfhjCcudtC1YERSqE1OEdXLW9VukPuJWBBjLuw==',
    'AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M',
    'AQAAAAEAA9CQAAAAIESkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tId+bR1SwV8CO1Jd72r4C08OLvplNlCDc3oQZ8efcW+jQ=',
  ].map((stored) => ({ source: 'ASP.NET Core', password: 'my password', stored: `aspnet$${stored}` })),
  // The example in the README of firebase/scrypt.
  {
    source: 'Firebase',
    password: 'user1password',
    stored:
      'firebase$8$14$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
  },
  // Python's hashlib.
  ...[
    'sha256$b2xkIHNhbHQ=$07a3d69cfe057fe5175f748ee7c933037c664ee7c6325218a16d19b4e5fbdd67',
    'sha256:suffix$b2xkIHNhbHQ=$332362151fc02fd37e74f43ad9bd66abf59464a11f33850530a03b86e1fde847',
    'sha512$b2xkIHNhbHQ=$a271c79a4bcd15c4c46f50fcd9d45f0419df1aca289816bb4bdab738cf27cd79beb1dc838ee7945762e6391142643471a25e9c866627ce0a606b756de0a5c097',
    'sha512:suffix$b2xkIHNhbHQ=$1f8666e7ff41c71ae65b34cd2dca07c74857cac9da709ded5e841bb8db274a3eb01460b4a7fb3c9c2d57c814256505aece752b591c1759726d1d466d6b61cc74',
  ].map((stored) => ({ source: 'salted SHA-2', password: 'pässword of old 1', stored })),
]

test.each(vectors)('$source: $stored', async ({ password, stored }) => {
  const check = checkOf(stored, settings)
  expect(check).not.toBeNull()
  expect(await check?.(password)).toBe(true)
  for (const other of [`${password} `, password.slice(1), password.toUpperCase(), ''])
    expect(await check?.(other)).toBe(false)
})

describe('one check takes at most about a second of work [D03]', () => {
  const salt = 'c2FsdHNhbHRzYWx0c2FsdA'
  const bytes = (length: number) => Buffer.alloc(length, 7)
  const aspnet = (digest: number, rounds: number, keyBytes: number) => {
    const head = Buffer.alloc(13)
    head[0] = 1
    head.writeUInt32BE(digest, 1)
    head.writeUInt32BE(rounds, 5)
    head.writeUInt32BE(16, 9)
    return `aspnet$${Buffer.concat([head, bytes(16), bytes(keyBytes)]).toString('base64')}`
  }
  const django = (rounds: number) => `pbkdf2_sha256$${rounds}$salt$${bytes(32).toString('base64')}`
  const scrypt = (N: number, p: number) => `scrypt$${N}$salt$8$${p}$${bytes(64).toString('base64')}`
  const argon2 = (memory: number, passes: number) =>
    `$argon2id$v=19$m=${memory},t=${passes},p=1$${salt}$${bytes(32).toString('base64url')}`
  const bcrypt = (cost: number) => `$2b$${cost}$HiBeW7jep8xJFLk3TsMTDecWS0EuXtgu04UQNoyRm/feK3VZpV0ua`

  test.each([
    ['rounds', django(maxPbkdf2Work), django(maxPbkdf2Work + 1)],
    ['rounds of a key of two blocks', aspnet(0, maxPbkdf2Work / 2, 32), aspnet(0, maxPbkdf2Work / 2 + 1, 32)],
    [
      'rounds of a key of four blocks',
      aspnet(0, maxPbkdf2Work / 4, 64),
      aspnet(0, maxPbkdf2Work / 4 + 1, 64),
    ],
    ['memory of scrypt', scrypt(maxScryptBytes / 1024, 1), scrypt((maxScryptBytes / 1024) * 2, 1)],
    ['scrypt several times', scrypt(maxScryptBytes / 1024 / 4, 4), scrypt(maxScryptBytes / 1024 / 2, 4)],
    ['passes of argon2', argon2(maxArgon2Kibibytes / 16, 16), argon2(maxArgon2Kibibytes / 16, 17)],
    ['cost of bcrypt', bcrypt(maxBcryptCost), bcrypt(maxBcryptCost + 1)],
  ])('%s', (_, most, beyond) => {
    expect(isSupportedHash(most, settings)).toBe(true)
    expect(isSupportedHash(beyond, settings)).toBe(false)
  })

  test('the current defaults of these systems are within the limits', () => {
    for (const stored of [
      django(1_500_000),
      aspnet(2, 100_000, 32),
      aspnet(1, 600_000, 32),
      bcrypt(14),
      argon2(65_536, 3),
    ])
      expect(isSupportedHash(stored, settings)).toBe(true)
  })
})

describe('does not accept', () => {
  const good = vectors.map(({ stored }) => stored)

  test('salted SHA-2 without the opt-in, Firebase without its key', () => {
    const closed: ForeignHashConfig = { legacySha2: false, firebase: null }
    for (const stored of good) expect(isSupportedHash(stored, closed)).toBe(!/^(?:sha|firebase)/.test(stored))
  })

  test.each([
    '$argon2id$v=19$m=9999999,t=2,p=2$mOaJeeJmVvm99DXgsBLvYA$sKriZFQt32eS5VrCMOGiKw',
    '$argon2id$v=19$m=8192,t=999,p=2$mOaJeeJmVvm99DXgsBLvYA$sKriZFQt32eS5VrCMOGiKw',
    '$2b$31$HiBeW7jep8xJFLk3TsMTDecWS0EuXtgu04UQNoyRm//feK3VZpV0u',
    'pbkdf2_sha256$99999999$51V4uraCa1TQeR3OpJxgoD$jbjMyMYxEm19aBj/xO3rMptGp1srP9Do0QDnPm83nFI=',
    'scrypt$16777216$salt$8$1$SnZQuHTgbJ+cC0VoV51oGHaTdmp0ThQfYG93UDeDIQHE/gUo7X2or1frz/V/PNeIPHHdJVpodDQ0IyvtY7mpDw==',
    'scrypt$16383$salt$8$1$SnZQuHTgbJ+cC0VoV51oGHaTdmp0ThQfYG93UDeDIQHE/gUo7X2or1frz/V/PNeIPHHdJVpodDQ0IyvtY7mpDw==',
    'firebase$8$30$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9A==',
    'aspnet$AQAAAAEAA9CQ/////0SkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tId+bR1SwV8CO1Jd72r4C08OLvplNlCDc3oQZ8efcW+jQ=',
    'aspnet$AQAAAAf/////////////////////////////////////////////////////////',
  ])('a hash that costs too much: %s [D03]', (stored) => {
    expect(isSupportedHash(stored, settings)).toBe(false)
  })

  test.each([
    '$argon2id$v=19$m=0,t=2,p=2$mOaJeeJmVvm99DXgsBLvYA$sKriZFQt32eS5VrCMOGiKw',
    '$argon2id$v=19$m=8192,t=0,p=2$mOaJeeJmVvm99DXgsBLvYA$sKriZFQt32eS5VrCMOGiKw',
    '$argon2id$v=19$m=8192,t=2,p=0$mOaJeeJmVvm99DXgsBLvYA$sKriZFQt32eS5VrCMOGiKw',
    '$argon2id$v=19$m=8,t=2,p=2$mOaJeeJmVvm99DXgsBLvYA$sKriZFQt32eS5VrCMOGiKw',
    '$argon2id$v=19$m=08192,t=2,p=2$mOaJeeJmVvm99DXgsBLvYA$sKriZFQt32eS5VrCMOGiKw',
    '$argon2id$v=19$m=8192,t=2,p=2$mOaJeeJmVvm99D$sKriZFQt32eS5VrCMOGiKw',
    'argon2$argon2id$v=19$m=8192,t=2,p=2$mOaJeeJmVvm99$sKriZFQt32eS5VrCMOGiKw',
  ])('a cut or invalid hash, without an error: %s', async (stored) => {
    const check = checkOf(stored, settings)
    expect(check === null ? false : await check('pässword of argon2 1')).toBe(false)
  })

  test.each([
    '',
    '$',
    'plain text',
    'md5$salt$0123456789abcdef0123456789abcdef',
    '$1$salt$hash',
    'pbkdf2_sha256$1$$',
    'sha256$$zz',
    'aspnet$',
    'better-auth$:',
    '!',
  ])('text that is not a hash: %j', (stored) => {
    expect(isSupportedHash(stored, settings)).toBe(false)
  })

  test('random text, without an error', () => {
    const damaged = fc
      .tuple(fc.constantFrom(...good), fc.nat(), fc.string({ maxLength: 3 }))
      .map(([stored, at, text]) => {
        const index = at % stored.length
        return stored.slice(0, index) + text + stored.slice(index + 1)
      })
    const any = fc.oneof(damaged, fc.string({ unit: 'binary' }))
    fc.assert(
      fc.property(any, (stored) => {
        expect(typeof isSupportedHash(stored, settings)).toBe('boolean')
      }),
      { numRuns: 5_000 },
    )
  })

  test('a hash with one changed character, for the right password', async () => {
    for (const { stored, password } of vectors) {
      const last = /[A-Za-z\d](?==*$)/.exec(stored)?.index ?? 0
      // Not the last character, whose lowest bits may be unused.
      const index = last - 3
      const other = stored[index] === '7' ? '1' : '7'
      const check = checkOf(stored.slice(0, index) + other + stored.slice(index + 1), settings)
      expect(check !== null && (await check(password))).toBe(false)
    }
  })
})
