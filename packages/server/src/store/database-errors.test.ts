import { describe, expect, test } from 'vitest'
import { cannotWrite, isDuplicate, isUnavailable } from './database.ts'

const withCode = (code: unknown) => Object.assign(new Error('what the driver says'), { code })

/** The codes of SQLite, of PostgreSQL and of a socket. */
const broken = [
  'SQLITE_IOERR',
  'SQLITE_IOERR_WRITE',
  'SQLITE_FULL',
  'SQLITE_CANTOPEN',
  'SQLITE_READONLY_DIRECTORY',
  '53100',
  '25006',
  '58030',
]
const busy = [
  'SQLITE_BUSY',
  'SQLITE_BUSY_SNAPSHOT',
  'SQLITE_LOCKED',
  '08006',
  '53300',
  '57P01',
  '57014',
  '40001',
  '40P01',
  '55P03',
  '25P03',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
]
const duplicate = ['23505', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY']
/** Other codes, some of which contain one of the codes above. */
const others = [
  'SQLITE_ERROR',
  'SQLITE_CONSTRAINT_FOREIGNKEY',
  'SQLITE_CONSTRAINT_UNIQUE_OTHER',
  'X_SQLITE_CONSTRAINT_UNIQUE',
  'X_SQLITE_BUSY',
  'X_SQLITE_FULL',
  'X_ECONNREFUSED',
  '28P01',
  '42P01',
  '108',
  '157014',
  '570140',
  '123505',
  '235050',
  '153100',
  undefined,
]

describe('the code of an error', () => {
  test.each([
    { says: 'isUnavailable', judge: isUnavailable, codes: [...busy, ...broken] },
    { says: 'cannotWrite', judge: cannotWrite, codes: broken },
    { says: 'isDuplicate', judge: isDuplicate, codes: duplicate },
  ])('is classified by $says', ({ judge, codes }) => {
    const all = [...busy, ...broken, ...duplicate, ...others]
    expect(all.filter((code) => judge(withCode(code)))).toEqual(
      all.filter((code) => codes.includes(code ?? '')),
    )
  })

  test.each([isUnavailable, cannotWrite, isDuplicate])(
    'is required: for other values, %o is false',
    (judge) => {
      for (const thrown of [
        new Error('SQLITE_FULL'),
        null,
        undefined,
        'SQLITE_FULL',
        { code: 'SQLITE_FULL' },
      ])
        expect(judge(thrown)).toBe(false)
      for (const code of ['SQLITE_BUSY', '23505']) expect(judge({ code, message: '' })).toBe(false)
    },
  )
})

test.each([
  'Query read timeout',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Connection terminated unexpectedly',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'The database is starting up',
  'Postgres connection has been discarded',
])('the driver’s message "%s" means unavailable, only at the beginning of the text', (message) => {
  expect(isUnavailable(new Error(message))).toBe(true)
  expect(isUnavailable(new Error(`Not so: ${message}`))).toBe(false)
})

test('an aggregate of errors is unavailable only if each of them is', () => {
  const refused = withCode('ECONNREFUSED')
  expect(isUnavailable(new AggregateError([refused, withCode('ETIMEDOUT')]))).toBe(true)
  expect(isUnavailable(new AggregateError([refused, new TypeError('a fault of ours')]))).toBe(false)
  // Without inner errors, its own code counts.
  expect(isUnavailable(new AggregateError([]))).toBe(false)
  expect(isUnavailable(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe(true)
})
