// `npm run bench`: installs what is missing, including the peers, and then measures. For one part only: npm run bench -- api
import { ensureInstalled, ensureInstalledIn, handOver } from '../scripts/install.mjs'

await ensureInstalled()
await ensureInstalledIn('bench/peers', 'Installing the peers (once)')
handOver('bench/main.ts', process.argv.slice(2))
