import { describe, expect, test } from 'vitest'
import { frozenClock, startSallyport } from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'

const userFields = { plan: { type: 'text' }, seats: { type: 'number', max: 500 } } as const

async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}

describe.each(storeKinds)('users of another system on %s', (kind) => {
  async function started() {
    const { options } = await freshStore(kind)
    const { sallyport, clock } = await startSallyport(options, frozenClock(), { userFields })
    const { users, audit } = sallyport.operator
    const actions = async () => (await collect(audit.read())).map(({ action }) => action)
    return { users, clock, actions }
  }

  test('a dry run reports what an import would do, and changes nothing', async () => {
    const { users, actions } = await started()
    await users.import([{ email: 'here@example.com' }])
    const before = await actions()
    const rows = [{ email: 'new@example.com' }, { email: 'HERE@example.com' }, { email: 'no address' }]
    const told = [{ state: 'added' }, { state: 'present' }, { state: 'refused' }]
    expect(await users.import(rows, { dryRun: true })).toMatchObject(told)
    expect((await collect(users.list())).map(({ email }) => email)).toEqual(['here@example.com'])
    expect(await actions()).toEqual(before)
    expect(await users.import(rows)).toMatchObject(told)
    expect(await collect(users.list())).toHaveLength(2)
    expect(await actions()).toEqual([...before, 'users_imported'])
    // No user was added, so no audit event is recorded.
    expect(await users.import(rows)).toMatchObject([{ state: 'present' }, ...told.slice(1)])
    expect(await actions()).toEqual([...before, 'users_imported'])
  })

  test('refuses a row, naming each field that is wrong', async () => {
    const { users } = await started()
    const reasonOf = async (row: object) =>
      (await users.import([{ email: 'a@example.com', ...row }], { dryRun: true }))[0]?.reason
    expect(await reasonOf({ createdAt: -1, disabled: 'yes' })).toMatch(/^createdAt: .+ disabled: .+/)
    expect(await reasonOf({ roles: ['member', 5] })).toMatch(/^roles\.1: /)
    expect(await reasonOf({ fields: { seats: 501, color: 'red' } })).toMatch(
      /^(?=.*fields\.seats: This must be at most 500\.)(?=.*fields: )/,
    )
    expect(await reasonOf({ fields: { plan: 7 } })).toMatch(/^fields\.plan: /)
    expect(await reasonOf({ passwordHash: 'x'.repeat(1_025) })).toMatch(/^passwordHash: /)
    expect(await reasonOf({ passwordHash: 'plain text' })).toMatch(/^passwordHash: This is not a hash/)
  })

  test.each([
    [0, 'added'],
    [Date.UTC(2100, 0), 'added'],
    [Date.UTC(2100, 0) + 1, 'refused'],
    [-1, 'refused'],
    [0.5, 'refused'],
  ])('a row with createdAt %d is %s', async (createdAt, state) => {
    const { users } = await started()
    expect(await users.import([{ email: 'a@example.com', createdAt }])).toMatchObject([{ state }])
    if (state === 'added') expect(await users.find('a@example.com')).toMatchObject({ createdAt })
  })

  test('takes missing values from the address, the settings and the current time', async () => {
    const { users, clock } = await started()
    await users.import([
      { email: 'ada.l@example.com' },
      { email: 'bob@example.com', name: ' \u200e ', roles: ['owner', 'owner'], emailVerified: true },
      { email: 'eve@example.com', name: ' Eve\u200b ', disabled: true, passwordHash: '' },
    ])
    const now = clock()
    expect(await users.find('ada.l@example.com')).toMatchObject({
      ...{ name: 'ada.l', roles: ['member'], emailVerified: false, createdAt: now, disabledAt: null },
    })
    expect(await users.find('bob@example.com')).toMatchObject({
      ...{ name: 'bob', roles: ['owner'], emailVerified: true },
    })
    expect(await users.find('eve@example.com')).toMatchObject({ name: 'Eve', disabledAt: now })
    const exported = await collect(users.exported())
    const shown = exported.map(({ email, emailVerified, disabled, passwordHash }) => {
      return [email, emailVerified, disabled, passwordHash]
    })
    // Ids of the same millisecond have no order.
    expect(shown.sort()).toEqual([
      ['ada.l@example.com', false, false, null],
      ['bob@example.com', true, false, null],
      ['eve@example.com', false, true, null],
    ])
  })

  test.each([500, 501, 1_000])('lists and exports each of %d users once', async (count) => {
    const { users } = await started()
    const emails = Array.from({ length: count }, (_, at) => `${String(at).padStart(4, '0')}@example.com`)
    await users.import(emails.map((email) => ({ email })))
    expect((await collect(users.list())).map(({ email }) => email).sort()).toEqual(emails)
    expect((await collect(users.exported())).map(({ email }) => email).sort()).toEqual(emails)
  })
})
