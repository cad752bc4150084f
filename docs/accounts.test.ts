import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freshProofMs, paths } from '../packages/protocol/src/endpoints/index.ts'
import { settings } from '../packages/server/src/config/settings/settings.ts'
import { deletionDelayMs } from '../packages/server/src/flows/account/delete-account.ts'
import { templates } from '../packages/server/src/mail/templates.ts'
import { validMinutes } from '../packages/server/src/services/one-time-link.ts'
import { root } from '../scripts/install.mjs'

const page = readFileSync(join(root, 'docs/accounts.md'), 'utf8')

test('every number on the page of accounts is what the code says', () => {
  expect(page).toContain(`| verify an address | ${validMinutes.sign_up / 60} hours |`)
  expect(validMinutes.verify_address).toBe(validMinutes.sign_up)
  expect(page).toContain(`| a new password | ${validMinutes.reset_password} minutes |`)
  expect(page).toContain(`| a new address | ${validMinutes.change_address} minutes |`)
  expect(page).toContain(`true for ${freshProofMs / 60_000} minutes`)
  expect(page).toContain(`in ${deletionDelayMs / 86_400_000} days`)
})

test('every endpoint, mail and setting that it names is there', () => {
  const known = new Set<string>(Object.values(paths))
  const named = [...page.matchAll(/`(?:GET|POST|DELETE) (\/api\/[\w/]+)`/g)].map(([, path = '']) => path)
  expect(named.length).toBeGreaterThan(9)
  expect(named.filter((path) => !known.has(path))).toEqual([])
  const mails = [...page.matchAll(/\| `([a-z]+_[a-z_]+)`/g)].map(([, name = '']) => name)
  expect(mails.length).toBeGreaterThan(5)
  expect(mails.filter((name) => !Object.hasOwn(templates, name))).toEqual([])
  const set = new Set<string>(Object.values(settings).map(({ env }) => env))
  const settingNames = [...page.matchAll(/SALLYPORT_[A-Z\d_]+/g)].map(([name]) => name)
  expect(settingNames.filter((name) => !set.has(name))).toEqual([])
})
