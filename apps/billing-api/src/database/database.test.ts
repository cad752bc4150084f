import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabaseOrExplain } from '../open-database.ts'
import { openDatabase } from './database.ts'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'billing-database-'))
  file = join(folder, 'new', 'billing.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const insertPlan = `INSERT INTO plan (id, name, monthly_amount, position) VALUES (:id, 'X', 1, 1)`

test('creates its folder and schema, and keeps its rows', () => {
  const first = openDatabase(file)
  first.change(insertPlan, { id: 'x' })
  first.close()
  const second = openDatabase(file)
  expect(second.find('SELECT id FROM plan')).toEqual({ id: 'x' })
  expect(second.find('SELECT id FROM plan WHERE id = :id', { id: 'y' })).toBeNull()
  second.close()
})

test('writes to disk before it confirms', () => {
  const database = openDatabase(file)
  expect(database.find('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' })
  expect(database.find('PRAGMA synchronous')).toEqual({ synchronous: 2 })
  expect(database.find('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 })
  database.close()
})

test('rolls back a transaction that throws', () => {
  const database = openDatabase(':memory:')
  const failing = () =>
    database.transaction(() => {
      database.change(insertPlan, { id: 'x' })
      throw new Error('half way')
    })
  expect(failing).toThrow('half way')
  expect(database.all('SELECT * FROM plan')).toEqual([])
  database.close()
})

test('refuses a file of a newer version in a sentence, and does not change it', () => {
  openDatabase(file).close()
  const sqlite = new Sqlite(file)
  sqlite.pragma('user_version = 99')
  sqlite.close()
  expect(() => openDatabase(file)).toThrow(/version 99.*Run the newer API/)
})

test('refuses a file that is not a database, and a folder that cannot be created, in one sentence', () => {
  const blocked = join(folder, 'blocked')
  writeFileSync(
    blocked,
    'this is a text, and longer than the header of a database file would be, so that it is read',
  )
  expect(() => openDatabaseOrExplain(blocked)).toThrow(/is not a SQLite database\. Move it away/)
  expect(() => openDatabaseOrExplain(join(blocked, 'billing.db'))).toThrow(
    /cannot be opened for writing.*DATA_DIR/,
  )
})
