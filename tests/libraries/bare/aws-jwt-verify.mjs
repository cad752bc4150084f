// This library requires an issuer and an audience. If one of them is null, the library does not check it.
import { JwtVerifier } from 'aws-jwt-verify'
import express from 'express'

const issuer = process.env.SALLYPORT_ISSUER
const verifier = JwtVerifier.create({ issuer, audience: 'billing-api' })
const app = express()
app.get('/invoices', async (request, response) => {
  const claims = await verifier.verify(request.headers.authorization.slice(7)).catch(() => null)
  if (claims === null) response.sendStatus(401)
  else response.json({ for: claims.sub })
})
app.listen(process.env.PORT, '127.0.0.1')
