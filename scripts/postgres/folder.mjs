import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Returns the folder of the example's PostgreSQL. It is in the data folder. If root runs the example, PostgreSQL runs as `nobody`, which
 * cannot read root's folders, so another folder is used.
 *
 * @param {string} dataDir
 */
export function postgresFolder(dataDir) {
  if (process.getuid?.() !== 0) return join(dataDir, 'postgres')
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12)
  return join(tmpdir(), `sallyport-postgres-${name}`)
}
