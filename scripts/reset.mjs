// `npm run reset`: empties the data folder. It removes only files of the example.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { root } from './install.mjs'
import { postgresFolder } from './postgres/folder.mjs'

const folder = resolve(root, process.env.DATA_DIR ?? '.data')
const ours = /^(?:sallyport|billing)\.db(?:-wal|-shm|-journal)?$|^secrets\.json$/
const found = existsSync(folder) ? readdirSync(folder).filter((name) => ours.test(name)) : []
for (const name of found) rmSync(join(folder, name))
const postgres = postgresFolder(folder)
if (isRunning(join(postgres, 'data/postmaster.pid'))) {
  console.error('PostgreSQL is still running on this data: stop `npm run start:postgres` first.')
  process.exit(1)
}
if (existsSync(join(postgres, 'data/PG_VERSION'))) {
  rmSync(postgres, { recursive: true })
  found.push('postgres')
}
console.log(
  found.length === 0
    ? `Nothing to reset: ${folder} contains no data of the example.`
    : `Emptied ${folder}: ${found.join(', ')}.`,
)

/**
 * Returns whether the process whose id is in this file is running. After a crash, the file still exists.
 *
 * @param {string} pidFile
 */
function isRunning(pidFile) {
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8').split('\n')[0]), 0)
    return true
  } catch {
    return false
  }
}
