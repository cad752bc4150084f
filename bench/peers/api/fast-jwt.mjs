import express from 'express'
import { createVerifier } from 'fast-jwt'
import { invoice } from '../../api/invoice.ts'
import { bearerToken, expected, verificationKey } from './verification-key.mjs'

const verify = createVerifier({
  key: verificationKey.export({ type: 'spki', format: 'pem' }),
  algorithms: ['ES256'],
  allowedIss: expected.issuer,
  allowedAud: expected.audience,
  cache: Boolean(process.env.CACHE),
})
const app = express()

function requireToken(request, response, next) {
  try {
    request.auth = verify(bearerToken(request))
  } catch {
    return response.status(401).end()
  }
  next()
}

app.get('/open', (_request, response) => response.json(invoice))
app.get('/guarded', requireToken, (_request, response) => response.json(invoice))
app.listen(Number(process.env.PORT))
