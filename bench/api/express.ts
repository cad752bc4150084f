import { requireAuth } from '@sallyport/verify/express'
import express from 'express'
import { startApiVerifier } from './api-verifier.ts'
import { invoice } from './invoice.ts'

const verifier = await startApiVerifier()
const app = express()
app.get('/open', (_request, response) => {
  response.json(invoice)
})
app.get('/guarded', requireAuth(verifier), (_request, response) => {
  response.json(invoice)
})
app.listen(Number(process.env.PORT))
