// As in the READMEs of @fastify/jwt and get-jwks.
import fastifyJwt from '@fastify/jwt'
import Fastify from 'fastify'
import buildGetJwks from 'get-jwks'

const getJwks = buildGetJwks()
const app = Fastify()
await app.register(fastifyJwt, {
  decode: { complete: true },
  secret: (_request, { header: { kid, alg }, payload: { iss } }) =>
    getJwks.getPublicKey({ kid, domain: iss, alg }),
})
app.addHook('onRequest', async (request) => request.jwtVerify())
app.get('/invoices', async (request) => ({ for: request.user.sub }))
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
