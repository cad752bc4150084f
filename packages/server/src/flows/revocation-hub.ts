import type { Revocation } from '@sallyport/protocol'
import { RevocationSet } from '@sallyport/verify'
import type { Database } from '../store/database.ts'
import { readRevocations } from '../store/revocation.ts'

/** Somebody who follows the log. `push` answers false when it can take no more. */
export type RevocationReader = { push(entry: Revocation): boolean; end(): void }

export type RevocationHub = Awaited<ReturnType<typeof openRevocationHub>>

/** Carries what is revoked to this server's own verifier and to every reader of the stream. The table is the truth. */
export async function openRevocationHub(database: Database, clock: () => number) {
  const set = new RevocationSet(clock)
  const readers = new Set<RevocationReader>()
  for (const entry of (await readRevocations(database, clock())).entries) set.add(entry)

  return {
    set,
    /** Tells everybody; called once the transaction has been committed. */
    announce(entry: Revocation): void {
      set.add(entry)
      for (const reader of readers) if (!reader.push(entry)) reader.end()
    },
    join: (reader: RevocationReader) => void readers.add(reader),
    leave: (reader: RevocationReader) => void readers.delete(reader),
    read: () => readRevocations(database, clock()),
    close(): void {
      for (const reader of [...readers]) reader.end()
    },
  }
}
