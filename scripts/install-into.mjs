// `npm run install-into -- ../my-app next verify`: installs what is missing here, then these packages into that app.
import { ensureInstalled, handOver } from './install.mjs'

await ensureInstalled()
handOver('scripts/install-into/main.ts', process.argv.slice(2))
