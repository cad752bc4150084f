import type { Database } from './database.ts'

/** A value that is stored encrypted ("sealed"). It can be decrypted only with the same `context`. */
export type SealedRow = { key: string; context: string; sealed: string }

/**
 * Functions to read and replace the encrypted values of one kind, in the order of `key`. `replace` writes only if the value has not
 * changed since it was read.
 */
export type SealedRows = {
  list(database: Database, page: { after: string; limit: number }): Promise<SealedRow[]>
  replace(database: Database, row: SealedRow, sealed: string): Promise<void>
}

/** All values that are stored encrypted under the server's secret, by the purpose of the key that encrypts them. */
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
  totp: {
    list: (database, { after, limit }) =>
      database
        .selectFrom('totp')
        .select(['id as key', 'id as context', 'sealedSecret as sealed'])
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute(),
    async replace(database, { key, sealed }, sealedSecret) {
      await database
        .updateTable('totp')
        .set({ sealedSecret })
        .where('id', '=', key)
        .where('sealedSecret', '=', sealed)
        .execute()
    },
  },
  provider: {
    list: (database, { after, limit }) =>
      database
        .selectFrom('provider_start')
        .select(['hash as key', 'hash as context', 'details as sealed'])
        .where('hash', '>', after)
        .orderBy('hash')
        .limit(limit)
        .execute(),
    async replace(database, { key, sealed }, details) {
      await database
        .updateTable('provider_start')
        .set({ details })
        .where('hash', '=', key)
        .where('details', '=', sealed)
        .execute()
    },
  },
  'provider token': {
    list: (database, { after, limit }) =>
      database
        .selectFrom('provider_token')
        .select(['identityId as key', 'identityId as context', 'tokens as sealed'])
        .where('identityId', '>', after)
        .orderBy('identityId')
        .limit(limit)
        .execute(),
    async replace(database, { key, sealed }, tokens) {
      await database
        .updateTable('provider_token')
        .set({ tokens })
        .where('identityId', '=', key)
        .where('tokens', '=', sealed)
        .execute()
    },
  },
  'provider callback': {
    async list(database, { after, limit }) {
      const rows = await database
        .selectFrom('provider_start')
        .select(['hash as key', 'hash as context', 'callback as sealed'])
        .where('callback', 'is not', null)
        .where('hash', '>', after)
        .orderBy('hash')
        .limit(limit)
        .execute()
      return rows.map(({ sealed, ...row }) => ({ ...row, sealed: sealed ?? '' }))
    },
    async replace(database, { key, sealed }, callback) {
      await database
        .updateTable('provider_start')
        .set({ callback })
        .where('hash', '=', key)
        .where('callback', '=', sealed)
        .execute()
    },
  },
} as const satisfies Record<string, SealedRows>
