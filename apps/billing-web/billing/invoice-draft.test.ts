import { describe, expect, it } from 'vitest'
import { draftCents, draftFieldName, lineCents, readDraft, writtenLines } from './invoice-draft.ts'

const whole = {
  customerId: 'cus_1',
  dueInDays: '30',
  notes: ' Thank you. ',
  'description-0': ' Advice on two doors ',
  'quantity-0': '2',
  'unitPrice-0': '1250.50',
}

describe('reads an invoice from the form', () => {
  it('returns a complete invoice', () => {
    expect(readDraft(whole)).toEqual({
      invoice: {
        customerId: 'cus_1',
        dueInDays: 30,
        notes: 'Thank you.',
        lines: [{ description: 'Advice on two doors', quantity: 2, unitAmount: 125_050 }],
      },
      fields: null,
    })
  })

  it('ignores blank lines at any place', () => {
    const values = { ...whole, 'description-1': '', 'quantity-1': '1', 'unitPrice-1': ' ' }
    expect(
      readDraft({ ...values, 'description-7': 'More', 'quantity-7': '1', 'unitPrice-7': '1' }).invoice?.lines,
    ).toHaveLength(2)
    expect(writtenLines(values)).toEqual([0])
  })

  it('returns each error with its field', () => {
    const { fields } = readDraft({
      customerId: '',
      dueInDays: '1.5',
      'description-2': 'x',
      'quantity-2': '0',
      'unitPrice-2': 'free',
    })
    expect(Object.keys(fields ?? {})).toEqual(['customerId', 'dueInDays', 'quantity-2', 'unitPrice-2'])
  })

  it.each([
    [{ 'description-0': '', 'unitPrice-0': '' }, 'description-0'],
    [{ 'description-0': '' }, 'description-0'],
    [{ 'quantity-0': '10001' }, 'quantity-0'],
    [{ 'quantity-0': '-1' }, 'quantity-0'],
    [{ 'unitPrice-0': '1.005' }, 'unitPrice-0'],
    [{ 'unitPrice-0': '1000000.01' }, 'unitPrice-0'],
    [{ dueInDays: '366' }, 'dueInDays'],
    [{ dueInDays: '' }, 'dueInDays'],
  ])('refuses %j', (change, field) => {
    expect(Object.keys(readDraft({ ...whole, ...change }).fields ?? {})).toEqual([field])
  })

  it('refuses too many lines', () => {
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, line) => [`description-${line}`, 'x']))
    expect(readDraft({ ...whole, ...many }).fields?.['description-0']).toMatch(/at most 50/)
  })
})

it('adds up the valid lines while the user types', () => {
  expect(draftCents({ ...whole, 'description-1': 'x', 'quantity-1': '', 'unitPrice-1': '5' })).toBe(250_100)
  expect(lineCents(whole, 0)).toBe(250_100)
  expect(lineCents(whole, 1)).toBeNull()
})

it('finds the field that the API has refused, if there are blank lines before it', () => {
  expect(draftFieldName('lines.1.unitAmount', [0, 4])).toBe('unitPrice-4')
  expect(draftFieldName('lines.0.description', [2])).toBe('description-2')
  expect(draftFieldName('lines', [2])).toBe('description-2')
  expect(draftFieldName('customerId', [0])).toBe('customerId')
})
