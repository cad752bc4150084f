// `npm test`: installs what is missing, including a browser, and then runs the tests. Additional words select files: npm test -- refresh
// `npm run test:all`: does the same for the slow suites. Their files are named *.slow.test.ts.
import { ensureInstalled, handOver } from './install.mjs'

await ensureInstalled()
handOver('scripts/test/main.ts', process.argv.slice(2))
