// Fails when package-lock.json lacks an optional package that some other platform needs: npm leaves them out when it
// writes the file while `node_modules` is there, and then the project builds on the platform of the last writer only.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Lock, missingFromLock } from './lock/missing-from-lock.ts'

const lock = JSON.parse(
  readFileSync(fileURLToPath(new URL('../package-lock.json', import.meta.url)), 'utf8'),
) as Lock

/** Optional packages that may be missing, each with its reason. */
const allowed: Record<string, string> = {
  'napi-windows-process-start-time':
    'optional in vite, and not published to every registry; vite starts without it',
}

const { missing, unused } = missingFromLock(lock, Object.keys(allowed))
for (const { name, of } of missing)
  console.error(`package-lock.json lacks ${name}, which ${of} needs on some platform.`)
for (const name of unused)
  console.error(`package-lock.json has no need of the exception for ${name}: remove it.`)
if (missing.length > 0)
  console.error(
    'Make the file anew: delete node_modules and package-lock.json, then `npm install --package-lock-only`.',
  )
if (missing.length + unused.length > 0) process.exit(1)
console.log(`Lock file: ${Object.keys(lock.packages).length} packages, none missing for another platform.`)
