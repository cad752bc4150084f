import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApi, type TestApi, testNow } from '../testing/api.ts'
import { callers } from '../testing/issuer.ts'
import type { Invoice } from './invoice.ts'

let api: TestApi
let other: TestApi
beforeAll(async () => {
  api = await startApi()
  other = await startApi(api)
})
afterAll(async () => {
  await other.close()
  await api.close()
})

const idOf = (status: string) =>
  api.database.find<{ id: string }>('SELECT id FROM invoice WHERE status = :status LIMIT 1', { status })
    ?.id ?? ''
const voidOne = (id: string, at = api) => at.post(callers.member, `/invoices/${id}/void`, {})

test.each(['open', 'draft'])('voids an invoice that is %s', async (status) => {
  const id = idOf(status)
  const answer = await voidOne(id)
  expect(answer.status).toBe(200)
  const invoice = (await answer.json()) as Invoice
  expect(invoice).toMatchObject({ id, status: 'void', voidedAt: testNow, paidAt: null })
  api.setNow(testNow + 60_000)
  expect(await (await voidOne(id)).json()).toEqual(invoice)
  api.setNow(testNow)
  expect(await (await api.ask(callers.member, `/invoices/${id}`)).json()).toEqual(invoice)
})

test('voids an invoice without a body', async () => {
  const answer = await api.ask(callers.member, `/invoices/${idOf('open')}/void`, { method: 'POST' })
  expect(answer.status).toBe(200)
})

test('refuses to void a paid invoice', async () => {
  const id = idOf('paid')
  const answer = await voidOne(id)
  expect(answer.status).toBe(409)
  expect(await answer.json()).toMatchObject({ code: 'invoice_not_voidable', status: 409 })
  expect(await (await api.ask(callers.member, `/invoices/${id}`)).json()).toMatchObject({
    status: 'paid',
    voidedAt: null,
  })
})

test('answers 404 for an unknown invoice', async () => {
  for (const id of ['inv_00000000000000000000', 'x', "'%20or%201=1", '%00', '__proto__']) {
    expect((await voidOne(id)).status).toBe(404)
    expect((await api.ask(callers.member, `/invoices/${id}`)).status).toBe(404)
  }
})

test('changes an invoice once for parallel voids in two processes with two clocks, with equal responses', async () => {
  other.setNow(testNow + 1)
  const id = idOf('open')
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => voidOne(id, index % 2 === 0 ? api : other)),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200))
  const invoices = (await Promise.all(answers.map((answer) => answer.json()))) as Invoice[]
  expect(new Set(invoices.map(({ voidedAt }) => voidedAt)).size).toBe(1)
})

test('refuses a field in the body, and voids nothing', async () => {
  const id = idOf('open')
  const answer = await api.post(callers.member, `/invoices/${id}/void`, { reason: 'x' })
  expect(answer.status).toBe(400)
  expect(idOf('open')).toBe(id)
})
