import { describe, expect, it } from 'vitest'
import { formatCompactMoney, formatMoney, formatRoundMoney, parseMoney } from './money.ts'

describe('formats an amount', () => {
  it('with or without cents', () => {
    expect(formatMoney(250_100)).toBe('$2,501.00')
    expect(formatMoney(-1)).toBe('-$0.01')
    expect(formatMoney(1_050, 'EUR')).toBe('€10.50')
    expect(formatRoundMoney(4_821_049)).toBe('$48,210')
    expect(formatCompactMoney(4_821_049)).toBe('$48.2K')
    expect(formatCompactMoney(0)).toBe('$0')
  })
})

describe('parses an amount', () => {
  it.each([
    ['1250.50', 125_050],
    ['1,250.5', 125_050],
    ['$12', 1_200],
    ['$ 1,000,000.00', 100_000_000],
    [' 0 ', 0],
    ['0.07', 7],
    ['19.99', 1_999],
  ])('%j is %i cents', (text, cents) => {
    expect(parseMoney(text)).toBe(cents)
  })

  it.each([
    '',
    ' ',
    '.',
    '1.',
    '.5',
    '-1',
    '1e3',
    '12,50',
    '1,00',
    '1.005',
    '1 000',
    'free',
    '9999999999',
    '１',
  ])('%j is no amount', (text) => {
    expect(parseMoney(text)).toBeNull()
  })
})
