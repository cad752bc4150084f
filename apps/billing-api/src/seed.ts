// `node src/seed.ts` fills the database with sample data. If the database already has data, it is not changed.

import { databaseFile } from './config.ts'
import { openDatabaseOrExplain } from './open-database.ts'
import { seed } from './sample-data/seed.ts'

try {
  const file = databaseFile(process.env)
  const database = openDatabaseOrExplain(file)
  const written = seed(database, { now: Date.now() })
  database.close()
  console.log(
    written === null
      ? `${file} has its data already.`
      : `${file}: ${written.customers} customers and ${written.invoices} invoices written.`,
  )
} catch (error) {
  console.error(error instanceof TypeError ? error.message : error)
  process.exitCode = 1
}
