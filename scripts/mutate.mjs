// `npm run mutate -- PATH`: changes the code of a file or folder in every small way, and prints the changes that no test detects.
// Installs Stryker at its first run. It is no dependency of the workspace, so that its installation stays short.
import { ensureInstalled, ensureInstalledIn, handOver } from './install.mjs'

await ensureInstalled()
await ensureInstalledIn('scripts/mutate', 'Installing Stryker (once)')
handOver('scripts/mutate/main.ts', process.argv.slice(2))
