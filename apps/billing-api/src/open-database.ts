import { type Database, openDatabase } from './database/database.ts'

/**
 * Opens the database at the start of a process.
 *
 * @throws TypeError if the database cannot be opened. The message says in one line what is wrong and how to fix it.
 */
export function openDatabaseOrExplain(file: string): Database {
  try {
    return openDatabase(file)
  } catch (error) {
    if (error instanceof TypeError) throw error
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (code === 'SQLITE_NOTADB')
      throw new TypeError(`${file} is not a SQLite database. Move it away and start again.`)
    if (code.startsWith('SQLITE_BUSY'))
      throw new TypeError(`${file} is locked by another process. Stop that process first.`)
    throw new TypeError(
      `${file} cannot be opened for writing (${code}). Make its folder writable, or set DATA_DIR to a writable folder.`,
    )
  }
}
