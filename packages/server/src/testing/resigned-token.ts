import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { signingAlgorithms } from '../tokens/algorithms.ts'
import { keyringOf } from '../tokens/keyring.ts'
import { openSigningKey, type SealedSigningKey, type SigningKey } from '../tokens/signing-key.ts'
import { testOptions } from './sallyport.ts'

type Part = Record<string, unknown>
type Changes = { header?: Part; claims?: Part; key?: SigningKey }

/**
 * Returns a token with some members of its header and claims changed. It is signed by the key of the server whose database is in this
 * folder, or by another key. The value `undefined` removes a member.
 */
export function resigned(
  dataDir: string,
  token: string,
  { header = {}, claims = {}, key: other }: Changes,
): string {
  const [head, body] = token.split('.').slice(0, 2).map(partOf) as [Part, Part]
  const key = other ?? signingKeyIn(dataDir, String(head.kid))
  const input = [
    { ...head, ...header },
    { ...body, ...claims },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = signingAlgorithms[key.algorithm].sign(Buffer.from(input), key.privateKey)
  return `${input}.${signature.toString('base64url')}`
}

function signingKeyIn(dataDir: string, kid: string): SigningKey {
  const database = new SqliteDatabase(join(dataDir, 'sallyport.db'), { readonly: true })
  try {
    const row = database.prepare('select * from signing_key where kid = ?').get(kid)
    return openSigningKey(keyringOf(testOptions.secret), row as SealedSigningKey)
  } finally {
    database.close()
  }
}

function partOf(text: string): Part {
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as Part
}
