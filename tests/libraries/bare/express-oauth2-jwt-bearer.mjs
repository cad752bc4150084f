// As at the beginning of the library's README.
import express from 'express'
import { auth } from 'express-oauth2-jwt-bearer'

const app = express()
app.use(auth({ issuerBaseURL: process.env.SALLYPORT_ISSUER, audience: 'billing-api' }))
app.get('/invoices', (request, response) => response.json({ for: request.auth.payload.sub }))
app.listen(process.env.PORT, '127.0.0.1')
