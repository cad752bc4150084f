// `npm run mutate -- PATH`: makes many small changes in the code of a file or folder, one at a time, and prints those that no test detects.
// The first run installs Stryker. Stryker is not a dependency of the workspace, so that the workspace can be installed faster.
import { ensureInstalled, ensureInstalledIn, handOver } from './install.mjs'

await ensureInstalled()
await ensureInstalledIn('scripts/mutate', 'Installing Stryker (once)')
handOver('scripts/mutate/main.ts', process.argv.slice(2))
