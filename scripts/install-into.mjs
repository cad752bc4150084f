// `npm run install-into -- ../my-app next verify`: installs what is missing in this repository, and then installs these packages into the
// app.
import { ensureInstalled, handOver } from './install.mjs'

await ensureInstalled()
handOver('scripts/install-into/main.ts', process.argv.slice(2))
