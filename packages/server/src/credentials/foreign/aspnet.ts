import { type Check, type Digest, fromBase64, pbkdf2Check } from './check.ts'

const digests: readonly Digest[] = ['sha1', 'sha256', 'sha512']

/** Checks `aspnet$<base64>`. This is the format of the PasswordHasher of ASP.NET Core Identity, versions 2 and 3. */
export function aspnetCheck(stored: string): Check | null {
  const bytes = stored.startsWith('aspnet$') ? fromBase64(stored.slice('aspnet$'.length)) : null
  if (bytes?.[0] === 0) return versionTwo(bytes)
  return bytes?.[0] === 1 ? versionThree(bytes) : null
}

function versionTwo(bytes: Buffer): Check | null {
  if (bytes.length !== 49) return null
  return pbkdf2Check(bytes.subarray(17), { salt: bytes.subarray(1, 17), iterations: 1_000, digest: 'sha1' })
}

/** The header contains the digest, the number of rounds and the length of the salt. Each of them has four bytes. */
function versionThree(bytes: Buffer): Check | null {
  if (bytes.length < 13 + 16 + 16) return null
  const digest = digests[bytes.readUInt32BE(1)]
  const end = 13 + bytes.readUInt32BE(9)
  if (digest === undefined || end < 13 + 16 || end > bytes.length - 16) return null
  return pbkdf2Check(bytes.subarray(end), {
    salt: bytes.subarray(13, end),
    iterations: bytes.readUInt32BE(5),
    digest,
  })
}
