// `npm test`: installs what is missing, a browser included, then runs the tests. Extra words narrow them: npm test -- refresh
// `npm run test:all`: the same for the slow suites, whose files are named *.slow.test.ts.
import { ensureInstalled, handOver } from './install.mjs'

await ensureInstalled()
handOver('scripts/test/main.ts', process.argv.slice(2))
