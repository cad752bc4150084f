// Serves the pages of the example if there is no proxy in front of them. This server reports the browser's address itself, because Next
// would trust an `X-Forwarded-For` header that a visitor sends. For servers like this, see
// https://nextjs.org/docs/app/guides/custom-server.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../install.mjs'

/**
 * The type of the part of Next that is used here. Next's own types are not imported, because they would change types of the whole project.
 */
type Next = (options: { dev: boolean; dir: string; hostname: string; port: number; turbopack?: boolean }) => {
  prepare(): Promise<void>
  getRequestHandler(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
}

const { values } = parseArgs({
  options: {
    dev: { type: 'boolean', default: false },
    port: { type: 'string', default: '3000' },
    hostname: { type: 'string', default: '127.0.0.1' },
  },
})
const { dev, hostname } = values
const port = Number(values.port)
const dir = join(root, 'apps/billing-web')
const next = createRequire(join(dir, 'package.json'))('next') as Next
const pages = next({ dev, dir, hostname, port, ...(dev && { turbopack: true }) })
await pages.prepare()
const handle = pages.getRequestHandler()
createServer((request, response) => {
  request.headers['x-forwarded-for'] = request.socket.remoteAddress ?? ''
  void handle(request, response)
}).listen(port, hostname)
