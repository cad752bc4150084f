// An endpoint that checks only the ES256 signature of the token, as in the documentation of node:crypto.
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import express, { type RequestHandler } from 'express'
import { invoice } from './invoice.ts'

const { PORT, PUBLIC_JWK = '' } = process.env
const key = createPublicKey({ key: JSON.parse(PUBLIC_JWK) as JsonWebKey, format: 'jwk' })

const checkSignature: RequestHandler = (request, response, next) => {
  const token = request.headers.authorization?.slice('Bearer '.length) ?? ''
  const end = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(end + 1), 'base64url')
  const isRight = verify(
    'sha256',
    Buffer.from(token.slice(0, end)),
    { key, dsaEncoding: 'ieee-p1363' },
    signature,
  )
  if (isRight) next()
  else response.status(401).end()
}

const app = express()
app.get('/open', (_request, response) => {
  response.json(invoice)
})
app.get('/guarded', checkSignature, (_request, response) => {
  response.json(invoice)
})
app.listen(Number(PORT))
