// `npm start` and `npm run dev`: installs what is missing, then runs the example.
import { ensureInstalled, handOver } from './install.mjs'

await ensureInstalled()
handOver('scripts/example/main.ts', process.argv.slice(2))
