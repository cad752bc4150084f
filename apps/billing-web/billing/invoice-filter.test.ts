import { describe, expect, it } from 'vitest'
import { invoicesAddress, isNarrowed, parseInvoiceFilter } from './invoice-filter.ts'

const everything = parseInvoiceFilter({})

describe('the filter in the URL', () => {
  it('is empty without a filter', () => {
    expect(everything).toEqual({
      search: '',
      status: null,
      customerId: null,
      from: null,
      to: null,
      sort: '-issuedAt',
      page: 1,
    })
    expect(invoicesAddress(everything)).toBe('/invoices')
    expect(isNarrowed(everything)).toBe(false)
  })

  it('is the same after it was in a URL', () => {
    const filter = {
      search: 'Öztürk & Sons + 100%',
      status: 'overdue',
      customerId: 'cus_0123456789abcdefghjk',
      from: '2026-01-01',
      to: '2026-02-28',
      sort: '-amount',
      page: 7,
    } as const
    const query = Object.fromEntries(new URL(invoicesAddress(filter), 'http://localhost').searchParams)
    expect(parseInvoiceFilter(query)).toEqual(filter)
    expect(isNarrowed(filter)).toBe(true)
  })

  it('reads a form that was sent without JavaScript, with blank fields', () => {
    expect(parseInvoiceFilter({ search: '', status: '', from: '', to: '', sort: '' })).toEqual(everything)
  })

  it('swaps days in the wrong order', () => {
    expect(parseInvoiceFilter({ from: '2026-03-01', to: '2026-01-01' })).toMatchObject({
      from: '2026-01-01',
      to: '2026-03-01',
    })
  })

  it.each([
    [{ status: 'PAID' }],
    [{ status: 'toString' }],
    [{ customerId: '../healthz' }],
    [{ from: '2026-02-30', to: 'soon' }],
    [{ sort: 'amount; drop table' }],
    [{ page: '0' }],
    [{ page: '-1' }],
    [{ page: '1e9' }],
    [{ page: '999999' }],
    [{ unknown: 'x' }],
  ])('leaves out what makes no sense: %j', (query) => {
    expect(parseInvoiceFilter(query)).toEqual(everything)
  })

  it('uses the first of two values, and makes a search printable and short enough for the API', () => {
    expect(parseInvoiceFilter({ search: ['one', 'two'] }).search).toBe('one')
    expect(parseInvoiceFilter({ search: 'a\u0000b\nc\u202ed' }).search).toBe('a b c d')
    expect(parseInvoiceFilter({ search: '\ud800' }).search).toBe('\ufffd')
    expect(parseInvoiceFilter({ search: 'x'.repeat(500) }).search).toHaveLength(100)
  })
})
