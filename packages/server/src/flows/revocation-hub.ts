import type { Revocation } from '@sallyport/protocol'
import { RevocationSet } from '@sallyport/verify'
import type { Database } from '../store/database.ts'
import { readRevocations } from '../store/revocation.ts'

/** Somebody who follows the log. `end` says that nothing more will come. */
export type RevocationReader = { push(entry: Revocation): void; end(): void }

export type RevocationHub = Awaited<ReturnType<typeof openRevocationHub>>

/** Carries what is revoked to this server's own verifier and to every reader of the stream. The table is the truth. */
export async function openRevocationHub(database: Database, clock: () => number) {
  const set = new RevocationSet(clock)
  const readers = new Set<RevocationReader>()
  let closed = false
  for (const entry of (await readRevocations(database, clock())).entries) set.add(entry)

  return {
    set,
    /** Tells everybody; called once the transaction has been committed. */
    announce(entry: Revocation): void {
      set.add(entry)
      for (const reader of readers) reader.push(entry)
    },
    join(reader: RevocationReader): void {
      if (closed) reader.end()
      else readers.add(reader)
    },
    leave: (reader: RevocationReader) => void readers.delete(reader),
    read: () => readRevocations(database, clock()),
    /** How many follow the log. */
    get readerCount(): number {
      return readers.size
    },
    /** Ends every stream: none would end by itself. */
    close(): void {
      closed = true
      for (const reader of readers) reader.end()
    },
  }
}
