// Runs one instance of an app with the SDK: the SDK's handlers on Node's HTTP server. The usage is `node instance.mjs ISSUER`, where ISSUER
// is the file of a customIssuer.
import { createServer } from 'node:http'

// The name is in a variable, so that the compiler does not resolve it. The types of the SDK are checked in its own package, with Next's
// types.
const sdk = '@sallyport/next/server'
const { createAuth } = await import(sdk)
const { issuer } = await import(process.argv[2] ?? '')
const app = process.env.APP_URL ?? ''
const { handlers } = createAuth({ issuer, app })

const server = createServer(async (incoming, outgoing) => {
  const chunks = []
  for await (const chunk of incoming) chunks.push(chunk)
  const method = incoming.method ?? 'GET'
  const request = new Request(new URL(incoming.url ?? '/', app), {
    method,
    headers: Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  })
  const response = await handlers[method](request)
  outgoing.writeHead(response.status, [...response.headers].flat())
  outgoing.end(Buffer.from(await response.arrayBuffer()))
})
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`)
})
