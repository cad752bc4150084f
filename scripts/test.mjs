// `npm test`: installs what is missing, including a browser, then runs the tests. Additional words select files: npm test -- refresh
// `npm run test:all`: the same for the slow suites, whose files are named *.slow.test.ts.
import { ensureInstalled, handOver } from './install.mjs'

await ensureInstalled()
handOver('scripts/test/main.ts', process.argv.slice(2))
