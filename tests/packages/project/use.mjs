// Uses every package as its user would, against `sallyport serve` at AUTH_URL, and prints the results.
import { useNext } from './use-next.mjs'
import { useServer } from './use-server.mjs'
import { useVerify } from './use-verify.mjs'

console.log(
  JSON.stringify({
    node: Number(process.versions.node.split('.')[0]),
    server: await useServer(process.env.DATA_DIR),
    verify: await useVerify(process.env.AUTH_URL),
    next: await useNext(process.env.AUTH_URL),
  }),
)
// The SDK follows the revocation feed until its process ends.
process.exit()
