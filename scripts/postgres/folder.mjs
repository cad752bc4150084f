import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Returns the folder of the example's PostgreSQL: in the data folder, except for root, because PostgreSQL then runs as `nobody`, who may
 * not enter root's folders.
 *
 * @param {string} dataDir
 */
export function postgresFolder(dataDir) {
  if (process.getuid?.() !== 0) return join(dataDir, 'postgres')
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12)
  return join(tmpdir(), `sallyport-postgres-${name}`)
}
