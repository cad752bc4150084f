// `npm run reset`: empties the data folder. Removes only what the example puts there.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { root } from './install.mjs'

const folder = resolve(root, process.env.DATA_DIR ?? '.data')
const ours = /^(?:sallyport|billing)\.db(?:-wal|-shm|-journal)?$|^secrets\.json$/
const found = existsSync(folder) ? readdirSync(folder).filter((name) => ours.test(name)) : []
for (const name of found) rmSync(join(folder, name))
console.log(
  found.length === 0
    ? `Nothing to reset: ${folder} holds no data of ours.`
    : `Emptied ${folder}: ${found.join(', ')}.`,
)
