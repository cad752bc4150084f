// Checks one ES256 signature after the other, as the documentation of node:crypto shows it, and does nothing else.
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'

const { PUBLIC_JWK = '', TOKENS = '[]' } = process.env
const key = createPublicKey({ key: JSON.parse(PUBLIC_JWK) as JsonWebKey, format: 'jwk' })
const signed = (JSON.parse(TOKENS) as string[]).map((token) => {
  const end = token.lastIndexOf('.')
  return {
    input: Buffer.from(token.slice(0, end)),
    signature: Buffer.from(token.slice(end + 1), 'base64url'),
  }
})

process.on('message', (message: { seconds: number } | 'cpu') => {
  if (message !== 'cpu') process.send?.(verifyFor(message.seconds))
})

function verifyFor(seconds: number): { answers: number; seconds: number } {
  const started = performance.now()
  let answers = 0
  while (performance.now() - started < seconds * 1000) {
    for (const { input, signature } of signed)
      if (!verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature))
        throw new Error('A signature is wrong.')
    answers += signed.length
  }
  return { answers, seconds: (performance.now() - started) / 1000 }
}
