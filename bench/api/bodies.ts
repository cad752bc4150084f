// An API with small and large bodies behind the guard. It is called directly, and through the `/api` of the pages.
import { requireAuth } from '@sallyport/verify/express'
import express from 'express'
import { startApiVerifier } from './api-verifier.ts'
import { invoice } from './invoice.ts'

const large = Buffer.alloc(10_000_000, 'the body of a large answer ')

const verifier = await startApiVerifier()
const app = express()
// Without this setting, Express would compute a digest of each response, which costs more than forwarding the response.
app.set('etag', false)
app.get('/open', (_request, response) => {
  response.json(invoice)
})
app.use('/bodies', requireAuth(verifier))
app.get('/bodies/small', (_request, response) => {
  response.json(invoice)
})
app.get('/bodies/large', (_request, response) => {
  response.type('application/octet-stream').send(large)
})
app.post('/bodies/large', async (request, response) => {
  let bytes = 0
  for await (const chunk of request) bytes += (chunk as Buffer).length
  response.json({ bytes })
})
app.listen(Number(process.env.PORT))
