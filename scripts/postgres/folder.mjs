import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Where the example's PostgreSQL keeps its data: in the data folder, except for root, whose folders the `nobody` that PostgreSQL runs
 * as there may not enter.
 *
 * @param {string} dataDir
 */
export function postgresFolder(dataDir) {
  if (process.getuid?.() !== 0) return join(dataDir, 'postgres')
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12)
  return join(tmpdir(), `sallyport-postgres-${name}`)
}
