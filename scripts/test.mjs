// `npm test`: installs what is missing, a browser included, then runs everything. Extra words narrow the tests: npm test -- refresh
import { ensureInstalled, handOver } from './install.mjs'

await ensureInstalled()
handOver('scripts/test/main.ts', process.argv.slice(2))
