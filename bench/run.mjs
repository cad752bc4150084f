// `npm run bench`: installs what is missing, the peers included, then measures. One part only: npm run bench -- api
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled, handOver, root, step } from '../scripts/install.mjs'

await ensureInstalled()
await ensurePeers()
handOver('bench/main.ts', process.argv.slice(2))

async function ensurePeers() {
  const peers = join(root, 'bench/peers')
  const stamp = join(peers, 'node_modules/.sallyport-installed')
  const lock = createHash('sha256')
    .update(readFileSync(join(peers, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  await step('Installing the peers (once)', 'npm', ['ci', '--prefix', peers, ...quiet])
  writeFileSync(stamp, lock)
}
