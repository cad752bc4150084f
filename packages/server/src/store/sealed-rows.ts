import type { Database } from './database.ts'

/** Something that is stored encrypted. `context` must be given again to open it. */
export type SealedRow = { key: string; context: string; sealed: string }

/** Rows of one kind, in the order of their keys. `replace` writes only over what was read: whatever has changed since is left alone. */
export type SealedRows = {
  list(database: Database, page: { after: string; limit: number }): Promise<SealedRow[]>
  replace(database: Database, row: SealedRow, sealed: string): Promise<void>
}

/** Everything that is stored encrypted under the server's secret, by what its key is for. */
export const sealedRows = {
  'signing key': {
    list: (database, { after, limit }) =>
      database
        .selectFrom('signing_key')
        .select(['kid as key', 'kid as context', 'sealedPrivateKey as sealed'])
        .where('sealedPrivateKey', '!=', '')
        .where('kid', '>', after)
        .orderBy('kid')
        .limit(limit)
        .execute(),
    async replace(database, { key, sealed }, sealedPrivateKey) {
      await database
        .updateTable('signing_key')
        .set({ sealedPrivateKey })
        .where('kid', '=', key)
        .where('sealedPrivateKey', '=', sealed)
        .execute()
    },
  },
  'sign-up': {
    async list(database, { after, limit }) {
      const rows = await database
        .selectFrom('one_time_token')
        .select(['hash as key', 'email as context', 'details as sealed'])
        .where('details', 'is not', null)
        .where('hash', '>', after)
        .orderBy('hash')
        .limit(limit)
        .execute()
      return rows.map(({ sealed, ...row }) => ({ ...row, sealed: sealed ?? '' }))
    },
    async replace(database, { key, sealed }, details) {
      await database
        .updateTable('one_time_token')
        .set({ details })
        .where('hash', '=', key)
        .where('details', '=', sealed)
        .execute()
    },
  },
  mail: {
    list: (database, { after, limit }) =>
      database
        .selectFrom('mail')
        .select(['id as key', 'id as context', 'details as sealed'])
        .where('details', '!=', '')
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute(),
    async replace(database, { key, sealed }, details) {
      await database
        .updateTable('mail')
        .set({ details })
        .where('id', '=', key)
        .where('details', '=', sealed)
        .execute()
    },
  },
} as const satisfies Record<string, SealedRows>
