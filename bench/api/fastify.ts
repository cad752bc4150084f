import { requireAuth } from '@sallyport/verify/fastify'
import fastify from 'fastify'
import { startApiVerifier } from './api-verifier.ts'
import { invoice } from './invoice.ts'

const verifier = await startApiVerifier()
const app = fastify()
app.get('/open', async () => invoice)
app.get('/guarded', { onRequest: requireAuth(verifier) }, async () => invoice)
await app.listen({ port: Number(process.env.PORT) })
