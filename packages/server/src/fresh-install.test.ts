import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { startSallyport } from './testing/sallyport.ts'
import { freshStore, storeKinds } from './testing/stores.ts'

describe.each(storeKinds)('a new database on %s', (kind) => {
  test('has no default account [ASVS 6.3.2]', async () => {
    const store = await freshStore(kind)
    const server = await startSallyport({ ...store.options, productName: 'Ledgerline' })
    for (const table of ['user', 'credential', 'session'])
      expect(await store.query(`select * from "${table}"`), table).toEqual([])
    for (const name of ['admin', 'root', 'test', 'owner', 'demo', 'sallyport'])
      for (const password of ['admin', 'password', 'sallyport', 'changeme']) {
        const attempt = { email: `${name}@example.com`, password, transport: 'bearer' }
        expect((await server.post(paths.signIn, attempt)).status).toBe(401)
      }
  })
})
