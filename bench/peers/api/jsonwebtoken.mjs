import express from 'express'
import jwt from 'jsonwebtoken'
import { invoice } from '../../api/invoice.ts'
import { bearerToken, expected, verificationKey } from './verification-key.mjs'

const app = express()

function requireToken(request, response, next) {
  try {
    request.auth = jwt.verify(bearerToken(request), verificationKey, { algorithms: ['ES256'], ...expected })
  } catch {
    return response.status(401).end()
  }
  next()
}

app.get('/open', (_request, response) => response.json(invoice))
app.get('/guarded', requireToken, (_request, response) => response.json(invoice))
app.listen(Number(process.env.PORT))
