// `npm run bench`: installs what is missing, the peers included, then measures. One part only: npm run bench -- api
import { ensureInstalled, ensureInstalledIn, handOver } from '../scripts/install.mjs'

await ensureInstalled()
await ensureInstalledIn('bench/peers', 'Installing the peers (once)')
handOver('bench/main.ts', process.argv.slice(2))
