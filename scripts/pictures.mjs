// `npm run pictures`: takes the pictures of the screens in the docs again, and writes them into docs/images.
import { ensureInstalled, handOver } from './install.mjs'

process.env.WRITE_PICTURES = '1'
await ensureInstalled()
handOver('scripts/test/main.ts', ['--slow', 'tests/browser/pictures'])
