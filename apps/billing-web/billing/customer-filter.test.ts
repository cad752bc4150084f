import { expect, it } from 'vitest'
import { customersAddress, isNarrowed, parseCustomerFilter } from './customer-filter.ts'

const everybody = parseCustomerFilter({})

it('has the shortest URL without a filter', () => {
  expect(customersAddress(everybody)).toBe('/customers')
  expect(isNarrowed(everybody)).toBe(false)
})

it('is the same after it was in a URL', () => {
  const filter = { search: 'GmbH & Co', plan: 'team', status: 'trial', sort: '-mrr', page: 3 } as const
  const query = Object.fromEntries(new URL(customersAddress(filter), 'http://localhost').searchParams)
  expect(parseCustomerFilter(query)).toEqual(filter)
  expect(isNarrowed(filter)).toBe(true)
})

it.each([
  [{ plan: 'Team Plan' }],
  [{ plan: '__proto__' }],
  [{ status: 'gone' }],
  [{ sort: 'email' }],
  [{ page: 'x' }],
])('ignores invalid values: %j', (query) => expect(parseCustomerFilter(query)).toEqual(everybody))
