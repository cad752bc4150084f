// Fails if an optional package that another platform needs is missing in a lock file. npm omits such packages if it writes the file while
// `node_modules` exists. With such a lock file, the project can be built only on the platform on which the file was written.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Lock, missingFromLock } from './lock/missing-from-lock.ts'

/** The lock files. For each, the optional packages that may be missing, and the reason. */
const lockFiles: Record<string, Record<string, string>> = {
  'package-lock.json': {
    'napi-windows-process-start-time':
      'optional in vite, and not published to every registry; vite starts without it',
  },
  'tests/libraries/package-lock.json': {},
  'scripts/mutate/package-lock.json': {},
}

let faults = 0
for (const [file, allowed] of Object.entries(lockFiles)) {
  const lock = JSON.parse(readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), 'utf8')) as Lock
  const { missing, unused } = missingFromLock(lock, Object.keys(allowed))
  faults += missing.length + unused.length
  for (const { name, of } of missing)
    console.error(`${file} lacks ${name}, which ${of} needs on some platform.`)
  for (const name of unused) console.error(`${file} does not need the exception for ${name}: remove it.`)
  if (missing.length > 0)
    console.error(
      'Create the file again: delete it and the node_modules beside it, then run `npm install --package-lock-only` there.',
    )
  if (missing.length + unused.length === 0)
    console.log(`${file}: ${Object.keys(lock.packages).length} packages, none missing for another platform.`)
}
if (faults > 0) process.exit(1)
