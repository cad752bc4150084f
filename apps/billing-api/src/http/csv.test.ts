import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../database/database.ts'
import { newId } from '../database/id.ts'
import { searchKey } from '../database/search-key.ts'
import { startApi, type TestApi } from '../testing/api.ts'
import { callers } from '../testing/issuer.ts'
import { type Cell, csvAmount, csvRow } from './csv.ts'

describe('RFC 4180', () => {
  test.each<[Cell, string]>([
    ['plain', 'plain'],
    ['', ''],
    [null, ''],
    [0, '0'],
    [-12.5, '-12.5'],
    ['Schäfer & Co', 'Schäfer & Co'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    [' blank', '" blank"'],
  ])('%j is written %j', (cell, text) => {
    expect(csvRow([cell, 'x'])).toBe(`${text},x\r\n`)
  })
})

test.each([
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '=cmd|"/c calc"!A1',
  '\t=1',
  '\r=1',
  '\n=1',
  ' =1',
  '\u00a0=1',
  '\u3000=1',
  '＝1',
  '＋1',
  '－1',
  '＠x',
  '=HYPERLINK("https://evil.example","x")',
])('prefixes the text %j with an apostrophe, so that it is not a formula', (cell) => {
  const [row = ''] = csvRow([cell]).split(/\r\n$/)
  const parsed = row.startsWith('"') ? row.slice(1, -1).replaceAll('""', '"') : row
  expect(parsed).toBe(`'${cell}`)
})

test('writes exact amounts', () => {
  expect([0, 5, 100, 123_456_789_01, 1_000_000_000].map(csvAmount)).toEqual([
    '0.00',
    '0.05',
    '1.00',
    '123456789.01',
    '10000000.00',
  ])
})

describe('exports', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await startApi()
  })
  afterAll(() => api.close())

  const linesOf = async (path: string) => {
    const bytes = new Uint8Array(await (await api.ask(callers.owner, path)).arrayBuffer())
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
    return text.split('\r\n')
  }

  test('exports all invoices, in order, as a file', async () => {
    const answer = await api.ask(callers.member, '/invoices.csv?sort=number')
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="invoices-2026-03-14.csv"')
    expect(answer.headers.get('content-length')).toBeNull()
    const lines = await linesOf('/invoices.csv?sort=number')
    expect(lines[0]).toBe('\uFEFFNumber,Status,Customer,Company,Currency,Amount,Issued,Due,Paid')
    const numbers = lines.slice(1, -1).map((line) => line.split(',')[0])
    const expected = api.database.all<{ number: string }>('SELECT number FROM invoice ORDER BY ordinal')
    expect(numbers).toEqual(expected.map(({ number }) => number))
    expect(lines.at(-1)).toBe('')
  })

  test('applies the filters of the list to the file', async () => {
    const query = 'status=void&from=2025-01-01&sort=-amount'
    const listed = await api.ask(callers.owner, `/invoices?${query}&pageSize=100`)
    const { items } = (await listed.json()) as { items: { number: string }[] }
    const numbers = (await linesOf(`/invoices.csv?${query}`)).slice(1, -1).map((line) => line.split(',')[0])
    expect(numbers.length).toBeGreaterThan(3)
    expect(numbers).toEqual(items.map(({ number }) => number))
  })

  test('exports only the header if nothing matches', async () => {
    expect(await linesOf('/invoices.csv?search=nobody-is-called-that')).toHaveLength(2)
  })

  test('neutralises a customer name that is a formula', async () => {
    const id = newId('cus')
    const name = '=HYPERLINK("https://evil.example";"Click, please")'
    api.database.change(
      `INSERT INTO customer (id, name, email, company, country, plan_id, search_key, created_at)
       VALUES (:id, :name, 'a@evil.example', '@evil', 'GB', 'team', :key, 0)`,
      { id, name, key: searchKey(name) },
    )
    await api.post(callers.member, '/invoices', {
      customerId: id,
      lines: [{ description: 'x', quantity: 1, unitAmount: 123_456 }],
    })
    const [, line = ''] = await linesOf(`/invoices.csv?customerId=${id}`)
    expect(line).toContain(`,"'=HYPERLINK(""https://evil.example"";""Click, please"")",'@evil,USD,1234.56,`)
  })

  test('exports the revenue report', async () => {
    const [header, ...lines] = await linesOf('/reports/revenue.csv?months=3')
    expect(header).toBe('\uFEFFMonth,MRR,New MRR,Churned MRR,Churn rate,Customers,Revenue,Refunds')
    expect(lines.slice(0, 3).map((line) => line.split(',')[0])).toEqual(['2026-01', '2026-02', '2026-03'])
    const answer = await api.ask(callers.owner, '/reports/revenue?months=3')
    const { months } = (await answer.json()) as { months: { mrr: number; customers: number }[] }
    const [first] = months
    expect(lines[0]?.split(',')[1]).toBe(csvAmount(first?.mrr ?? 0))
    expect(lines[0]?.split(',')[5]).toBe(String(first?.customers))
  })
})

describe('a slow reader', () => {
  let api: TestApi
  const invoices = 60_000
  beforeAll(async () => {
    api = await startApi()
    // Large enough that the file does not fit into the buffers before the reader.
    api.database.change(
      `INSERT INTO invoice (id, ordinal, customer_id, status, amount, created_by, issued_at, due_at)
       WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${invoices})
       SELECT printf('inv_%020d', n), 1999000000 + n, (SELECT id FROM customer LIMIT 1), 'open', 100, 'test', n, n FROM n`,
    )
  })
  afterAll(() => api.close())

  /** Requests over a plain socket that does not read yet. */
  function openDownload() {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
    socket.pause()
    socket.on('error', () => {})
    socket.write(
      `GET /invoices.csv?sort=number HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${api.issuer.token(callers.owner)}\r\n\r\n`,
    )
    return socket
  }
  const exportLines = () => api.log.filter((line) => line.includes('"/invoices.csv"'))

  test('does not block reads, or writes of this or another process', async () => {
    const socket = openDownload()
    const customerId = api.database.find<{ id: string }>('SELECT id FROM customer LIMIT 1')?.id ?? ''
    const other = openDatabase(api.databaseFile)
    for (let round = 0; round < 20; round++) {
      const created = await api.post(callers.owner, '/invoices', {
        customerId,
        lines: [{ description: 'meanwhile', quantity: 1, unitAmount: 100 }],
      })
      expect(created.status).toBe(201)
      expect((await api.ask(callers.owner, '/summary')).status).toBe(200)
      expect(other.change('UPDATE customer SET churned_at = NULL WHERE 0')).toBe(0)
      // An open statement would prevent the checkpoint: busy would be 1.
      expect(other.find('PRAGMA wal_checkpoint(TRUNCATE)')).toMatchObject({ busy: 0 })
    }
    other.close()
    expect(exportLines()).toEqual([])

    // Now the reader gets everything, each invoice once.
    const numbers = new Set<string>()
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    socket.resume()
    await new Promise((resolve) => socket.on('close', resolve))
    for (const [number] of text.matchAll(/INV-\d{4}-\d{4,}/g)) {
      expect(numbers.has(number)).toBe(false)
      numbers.add(number)
    }
    expect(numbers.size).toBeGreaterThanOrEqual(invoices)
    expect(text.trimEnd().endsWith('\r\n0')).toBe(true)
  })

  test('the export ends without an error when the reader disconnects', async () => {
    const before = exportLines().length
    const socket = openDownload()
    await new Promise((resolve) => socket.once('readable', resolve))
    socket.destroy()
    await expect.poll(() => exportLines().length).toBe(before + 1)
    expect(JSON.parse(exportLines().at(-1) ?? '')).toMatchObject({ status: 200, aborted: true, level: 30 })
    expect(api.log.filter((line) => line.includes('request failed'))).toEqual([])
    expect(api.database.find('PRAGMA wal_checkpoint(TRUNCATE)')).toMatchObject({ busy: 0 })
  })
})
