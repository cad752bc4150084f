// `npm run mutate -- PATH`: breaks the code of a file or folder in every small way, and shows which changes no test notices.
// Installs Stryker at its first run; it is no dependency of the workspace, whose installation has to stay short.
import { ensureInstalled, ensureInstalledIn, handOver } from './install.mjs'

await ensureInstalled()
await ensureInstalledIn('scripts/mutate', 'Installing Stryker (once)')
handOver('scripts/mutate/main.ts', process.argv.slice(2))
