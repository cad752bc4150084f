import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs } from '../calendar/day.ts'
import { startApi, type TestApi, testNow } from '../testing/api.ts'
import { type Caller, callers } from '../testing/issuer.ts'
import type { Invoice } from './invoice.ts'

let api: TestApi
let customerId = ''
beforeAll(async () => {
  api = await startApi()
  customerId = api.database.find<{ id: string }>('SELECT id FROM customer LIMIT 1')?.id ?? ''
})
afterAll(() => api.close())

const newInvoice = () => ({
  customerId,
  lines: [
    { description: 'Advice on two doors', quantity: 2, unitAmount: 125_050 },
    { description: 'Travel', quantity: 1, unitAmount: 0 },
  ],
})
async function create(body: unknown, headers = {}, caller: Caller = callers.member): Promise<Invoice> {
  const answer = await api.post(caller, '/invoices', body, headers)
  expect(answer.status).toBe(201)
  return (await answer.json()) as Invoice
}
const sequenceOf = ({ number }: Invoice) => Number(number.split('-')[2])
const countInvoices = () => api.database.find<{ n: number }>('SELECT count(*) AS n FROM invoice')?.n ?? 0

test('issues an invoice now, by the caller, which can be read', async () => {
  const invoice = await create({ ...newInvoice(), dueInDays: 10, notes: '  Two\r\nlines  ' })
  expect(invoice).toEqual({
    id: expect.stringMatching(/^inv_[0-9a-z]{20}$/),
    number: expect.stringMatching(/^INV-2026-\d{4}$/),
    status: 'open',
    customer: { id: customerId, name: expect.any(String), company: expect.any(String) },
    currency: 'USD',
    amount: 250_100,
    issuedAt: testNow,
    dueAt: testNow + 10 * dayMs,
    paidAt: null,
    lines: [
      { description: 'Advice on two doors', quantity: 2, unitAmount: 125_050, amount: 250_100 },
      { description: 'Travel', quantity: 1, unitAmount: 0, amount: 0 },
    ],
    payments: [],
    refunds: [],
    notes: 'Two\nlines',
    voidedAt: null,
    createdBy: callers.member.sub,
  })
  expect(await (await api.ask(callers.finance, `/invoices/${invoice.id}`)).json()).toEqual(invoice)
})

test('is due in 30 days without dueInDays', async () => {
  expect((await create(newInvoice())).dueAt).toBe(testNow + 30 * dayMs)
})

test('gives parallel requests numbers without gaps or duplicates', async () => {
  const before = sequenceOf(await create(newInvoice()))
  const created = await Promise.all(Array.from({ length: 20 }, () => create(newInvoice())))
  const sequences = created.map(sequenceOf).sort((one, other) => one - other)
  expect(sequences).toEqual(Array.from({ length: 20 }, (_, index) => before + 1 + index))
})

test('gives several processes on one file numbers without gaps or duplicates', async () => {
  const source = (name: string) => fileURLToPath(new URL(name, import.meta.url))
  const script = `
    import { openDatabase } from ${JSON.stringify(source('../database/database.ts'))}
    import { createInvoice } from ${JSON.stringify(source('./create.ts'))}
    const database = openDatabase(process.argv[1])
    const input = { customerId: process.argv[2], dueInDays: 1, notes: '', lines: [{ description: 'x', quantity: 1, unitAmount: 1 }] }
    for (let count = 0; count < 25; count++)
      console.log(createInvoice(database, input, { createdBy: 'x', now: ${testNow} }).number)
    database.close()`
  const args = ['--input-type=module-typescript', '--eval', script, api.databaseFile, customerId]
  const before = sequenceOf(await create(newInvoice()))
  const outputs = await Promise.all([1, 2, 3].map(() => promisify(execFile)(process.execPath, args)))
  const numbers = outputs.flatMap(({ stdout }) => stdout.trim().split('\n'))
  expect(new Set(numbers).size).toBe(75)
  expect(sequenceOf(await create(newInvoice()))).toBe(before + 76)
})

test('answers 503 while another process has the write lock; reads still work [D08]', async () => {
  const before = countInvoices()
  const other = new Sqlite(api.databaseFile)
  other.exec('BEGIN IMMEDIATE')
  const refused = await api.post(callers.member, '/invoices', newInvoice())
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('1')
  expect(await refused.json()).toMatchObject({ code: 'unavailable' })
  expect((await api.ask(callers.member, '/invoices')).status).toBe(200)
  other.exec('ROLLBACK')
  other.close()
  expect(countInvoices()).toBe(before)
  await create(newInvoice())
})

test('starts numbers at 1 each year', async () => {
  api.setNow(Date.UTC(2027, 0, 1))
  const first = await create(newInvoice())
  const second = await create(newInvoice())
  api.setNow(testNow)
  expect([first.number, second.number]).toEqual(['INV-2027-0001', 'INV-2027-0002'])
  expect((await create(newInvoice())).number).toMatch(/^INV-2026-/)
})

test('refuses an unknown customer with its field, and writes nothing', async () => {
  const before = countInvoices()
  const answer = await api.post(callers.member, '/invoices', {
    ...newInvoice(),
    customerId: 'cus_00000000000000000000',
  })
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({
    code: 'invalid_request',
    errors: [{ field: 'customerId', message: 'There is no such customer.' }],
  })
  expect(countInvoices()).toBe(before)
})

test.each<[string, (valid: ReturnType<typeof newInvoice>) => unknown, string]>([
  ['no lines', (valid) => ({ ...valid, lines: [] }), 'lines'],
  ['51 lines', (valid) => ({ ...valid, lines: Array(51).fill(valid.lines[0]) }), 'lines'],
  ['an amount of nothing', (valid) => ({ ...valid, lines: [valid.lines[1]] }), 'lines'],
  ['a quantity of 0', (valid) => line(valid, { quantity: 0 }), 'lines.0.quantity'],
  ['a quantity of 1.5', (valid) => line(valid, { quantity: 1.5 }), 'lines.0.quantity'],
  ['a quantity as text', (valid) => line(valid, { quantity: '1' }), 'lines.0.quantity'],
  ['a negative price', (valid) => line(valid, { unitAmount: -1 }), 'lines.0.unitAmount'],
  ['a price beyond the bound', (valid) => line(valid, { unitAmount: 100_000_001 }), 'lines.0.unitAmount'],
  ['an amount beyond the bound', (valid) => line(valid, { quantity: 10_000, unitAmount: 100_001 }), 'lines'],
  ['a blank description', (valid) => line(valid, { description: ' ' }), 'lines.0.description'],
  ['a long description', (valid) => line(valid, { description: 'x'.repeat(201) }), 'lines.0.description'],
  ['a line break in a description', (valid) => line(valid, { description: 'a\nb' }), 'lines.0.description'],
  ['an unknown field in a line', (valid) => line(valid, { amount: 1 }), 'lines.0'],
  ['NUL in the notes', (valid) => ({ ...valid, notes: 'a\0b' }), 'notes'],
  ['a lone surrogate', (valid) => ({ ...valid, notes: 'a\ud800' }), 'notes'],
  ['text that runs backwards', (valid) => ({ ...valid, notes: 'a\u202eb' }), 'notes'],
  ['due before now', (valid) => ({ ...valid, dueInDays: -1 }), 'dueInDays'],
  ['due in 366 days', (valid) => ({ ...valid, dueInDays: 366 }), 'dueInDays'],
  ['somebody else as its maker', (valid) => ({ ...valid, createdBy: 'user-owner' }), ''],
  ['a status', (valid) => ({ ...valid, status: 'paid', paidAt: 1 }), ''],
  ['an id that is none', (valid) => ({ ...valid, customerId: "' or 1=1 --" }), 'customerId'],
  ['an array', (valid) => [valid], ''],
])('refuses %s with its field [ASVS 8.2.3, A14]', async (_, change, field) => {
  const before = countInvoices()
  const answer = await api.post(callers.owner, '/invoices', change(newInvoice()))
  const problem = (await answer.json()) as { code: string; errors: { field: string; message: string }[] }
  expect([answer.status, problem.code]).toEqual([400, 'invalid_request'])
  expect(problem.errors.map((error) => error.field)).toEqual([field])
  expect(problem.errors[0]?.message).toMatch(/^[A-Z].*\.$/)
  expect(countInvoices()).toBe(before)
})

function line(valid: ReturnType<typeof newInvoice>, change: object) {
  return { ...valid, lines: [{ ...valid.lines[0], ...change }] }
}

test('creates one invoice for many requests with one Idempotency-Key, parallel or later', async () => {
  const before = countInvoices()
  const headers = { 'idempotency-key': 'key-of-a-retry' }
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => api.post(callers.member, '/invoices', newInvoice(), headers)),
  )
  const bodies = await Promise.all(answers.map((answer) => answer.text()))
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201))
  expect(new Set(bodies).size).toBe(1)
  expect(answers.filter((answer) => answer.headers.get('idempotent-replayed') === 'true')).toHaveLength(7)
  expect(countInvoices()).toBe(before + 1)

  // White space and the order of fields do not matter.
  const { customerId, lines } = newInvoice()
  const rewritten = await api.ask(callers.member, '/invoices', {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ lines, customerId, dueInDays: 30 }, null, 2),
  })
  expect(await rewritten.text()).toBe(bodies[0])
})

test('refuses the same key with another body, and creates nothing', async () => {
  const headers = { 'idempotency-key': 'key-used-twice' }
  await create(newInvoice(), headers)
  const before = countInvoices()
  const answer = await api.post(callers.member, '/invoices', { ...newInvoice(), notes: 'other' }, headers)
  expect(answer.status).toBe(409)
  expect(await answer.json()).toMatchObject({ code: 'idempotency_key_reused' })
  expect(countInvoices()).toBe(before)
})

test('keys belong to a user, and expire after 24 hours', async () => {
  const headers = { 'idempotency-key': 'key-of-several' }
  const first = await create(newInvoice(), headers)
  const others = await create(newInvoice(), headers, callers.finance)
  expect(others.id).not.toBe(first.id)
  api.setNow(testNow + dayMs - 1)
  expect((await create(newInvoice(), headers)).id).toBe(first.id)
  api.setNow(testNow + dayMs)
  const later = await create(newInvoice(), headers)
  api.setNow(testNow)
  expect(later.id).not.toBe(first.id)
})

test('deletes expired keys [D06]', async () => {
  const keys = () =>
    api.database.all<{ key: string }>('SELECT key FROM idempotent_answer').map(({ key }) => key)
  await create(newInvoice(), { 'idempotency-key': 'key-to-expire' })
  expect(keys()).toContain('key-to-expire')
  api.setNow(testNow + 3 * dayMs)
  await create(newInvoice(), { 'idempotency-key': 'key-that-stays' })
  api.setNow(testNow)
  expect(keys()).toEqual(['key-that-stays'])
})

test('a refused request does not use up its key', async () => {
  const headers = { 'idempotency-key': 'key-of-a-mistake' }
  const refused = await api.post(
    callers.member,
    '/invoices',
    { ...newInvoice(), customerId: 'cus_00000000000000000000' },
    headers,
  )
  expect(refused.status).toBe(400)
  await create(newInvoice(), headers)
})

test.each(['', ' ', 'a b', 'a,b', 'a, a', 'x'.repeat(129), 'é'])(
  'the Idempotency-Key %j is refused',
  async (key) => {
    const before = countInvoices()
    const answer = await api.post(callers.member, '/invoices', newInvoice(), { 'idempotency-key': key })
    expect(answer.status).toBe(400)
    expect(countInvoices()).toBe(before)
  },
)
