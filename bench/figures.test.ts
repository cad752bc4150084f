import { describe, expect, test } from 'vitest'
import { complaintsOf, lostRows, markdownOf, type Row, readRecorded, type Table } from './figures.ts'

const recorded = { measured: 'once', cpuRatios: { 'api: express': 1.1, 'pages: page': 1 } }

function row(changes: Partial<Row> = {}): Row {
  return {
    id: 'api: express',
    name: 'express',
    cells: ['100', '0.92', '✓ ≥ 0.90'],
    cpuRatio: 1.1,
    ...changes,
  }
}

function tableOf(...rows: Row[]): Table {
  const columns = [
    { title: 'guarded/s', width: 9 },
    { title: 'share', width: 7 },
    { title: 'aim', width: 9 },
  ]
  return { title: 'A table', columns, rows }
}

describe('what is wrong with a row', () => {
  test('nothing, as long as it meets its aim and costs up to 15 % more CPU than was recorded', () => {
    expect(complaintsOf(row(), recorded)).toEqual([])
    expect(complaintsOf(row({ cpuRatio: 1.1 * 1.149 }), recorded)).toEqual([])
    expect(complaintsOf(row({ id: 'api: never recorded', cpuRatio: 9 }), recorded)).toEqual([])
    expect(complaintsOf(row({ cpuRatio: undefined }), recorded)).toEqual([])
  })

  test('a missed aim, and 15 % more CPU than was recorded', () => {
    expect(complaintsOf(row({ cells: ['100', '0.80', '✗ ≥ 0.90'] }), recorded)).toEqual(['misses its aim'])
    expect(complaintsOf(row({ cpuRatio: 1.1 * 1.151 }), recorded)).toEqual([
      'CPU 1.27 × its baseline, recorded 1.10: over 15 % worse',
    ])
  })
})

test('a row that was recorded and is no longer measured is reported', () => {
  expect(lostRows([tableOf(row())], recorded)).toEqual(['pages: page'])
  expect(lostRows([tableOf(row(), row({ id: 'pages: page' }))], recorded)).toEqual([])
})

test('a table as Markdown has every column except rates per second', () => {
  expect(markdownOf([tableOf(row(), row({ name: 'hono' }))])).toBe(
    [
      '**A table**',
      '',
      '| row | share | aim |',
      '| --- | ---: | ---: |',
      '| express | 0.92 | ✓ ≥ 0.90 |',
      '| hono | 0.92 | ✓ ≥ 0.90 |',
    ].join('\n'),
  )
})

test('records ratios of a run, with its time and machine', () => {
  const { measured, cpuRatios } = readRecorded()
  expect(measured).toMatch(/^\d{4}-\d\d-\d\d, /)
  for (const [id, ratio] of Object.entries(cpuRatios)) {
    expect(id).toMatch(/^[a-z-]+: /)
    expect(ratio).toBeGreaterThan(0)
  }
})
