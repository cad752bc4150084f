import express from 'express'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { invoice } from '../../api/invoice.ts'
import { bearerToken, expected, verificationKey } from './verification-key.mjs'

const key = process.env.REMOTE ? createRemoteJWKSet(new URL(process.env.JWKS_URL)) : verificationKey
const app = express()

async function requireToken(request, response, next) {
  try {
    const { payload } = await jwtVerify(bearerToken(request), key, { algorithms: ['ES256'], ...expected })
    request.auth = payload
  } catch {
    return response.status(401).end()
  }
  next()
}

app.get('/open', (_request, response) => response.json(invoice))
app.get('/guarded', requireToken, (_request, response) => response.json(invoice))
app.listen(Number(process.env.PORT))
