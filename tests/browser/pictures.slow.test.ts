import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { root } from '../../scripts/install.mjs'
import { fillAddress } from '../system/browser.ts'
import { threeProviders } from './account-pages.ts'
import { authenticatorPages } from './authenticator-pages.ts'
import { addAuthenticator } from './virtual-authenticator.ts'

// The pictures of the screens in the docs. `npm run pictures` writes them into docs/images. Without it, this file only checks that each
// screen can still be shown, and that its picture has about the same size as the screen.

const { url, newContext, newPerson, newProtectedPerson, freshCode, enterPassword, ...more } =
  authenticatorPages(threeProviders)
const { deviceOf, ageSignIn, linkGitHub } = more

const folder = join(root, 'docs/images')
const mayWrite = process.env.WRITE_PICTURES === '1'
const look = {
  colorScheme: 'light',
  viewport: { width: 900, height: 1000 },
  reducedMotion: 'reduce',
} as const
const taken: string[] = []
/** The parts of the example that an app does not have. */
const hidden = '[aria-labelledby="demo-accounts"] { display: none }'

const newPage = async () => (await newContext({ ...look, deviceScaleFactor: 1.5 })).newPage()
const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

/** Takes a picture of this part of the page, with a margin in CSS pixels. */
async function take(page: Page, name: string, part: ReturnType<Page['locator']>, margin = 24): Promise<void> {
  // Otherwise, a picture shows the focus ring, or the color under the pointer.
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.mouse.move(0, 0)
  const box = await part.boundingBox()
  if (box === null) throw new Error(`${name}: nothing to see`)
  const clip = {
    x: box.x - margin,
    y: box.y - margin,
    width: box.width + 2 * margin,
    height: box.height + 2 * margin,
  }
  const path = join(folder, `${name}.png`)
  const picture = await page.screenshot({ clip, fullPage: true, ...(mayWrite && { path }) })
  taken.push(name)
  const [made, stored] = [sizeOf(picture), sizeOf(readFileSync(path))]
  expect(Math.abs(made.width - stored.width), name).toBeLessThan(20)
  expect(Math.abs(made.height - stored.height), name).toBeLessThan(60)
  expect(statSync(path).size, name).toBeLessThan(60 * 1024)
}

/** The size in pixels, from the header of a PNG file. */
const sizeOf = (png: Buffer) => ({ width: png.readUInt32BE(16), height: png.readUInt32BE(20) })

/** The part of an entry page below the name of the product, without the empty space at its end. */
async function takeEntry(page: Page, name: string): Promise<void> {
  await page.getByRole('main').evaluate((main) => {
    main.style.flex = 'none'
    main.style.padding = '0'
  })
  await page.addStyleTag({ content: hidden })
  await take(page, name, page.getByRole('main'))
}

describe('the pictures in the docs', { timeout: 120_000 }, () => {
  mkdirSync(folder, { recursive: true })

  it('sign-in: the first step, the second step, and the mailed code', async () => {
    const page = await newPage()
    await page.goto(url('/login'), { waitUntil: 'networkidle' })
    await takeEntry(page, 'sign-in')
    await page.goto(url('/login'))
    await fillAddress(page, 'ada@example.com')
    await page.locator('[name="password"]:focus').waitFor()
    await takeEntry(page, 'sign-in-password')
    await page.getByRole('button', { name: 'Email me a sign-in code' }).click()
    await page.getByRole('heading', { name: 'Enter the code' }).waitFor()
    await takeEntry(page, 'sign-in-code')
  })

  it('second factors: the set-up, and the code', async () => {
    const page = await newPage()
    await enterPassword(page, await newPerson(['finance'], 'ben@example.com'))
    await page.getByRole('button', { name: 'Set up the app' }).click()
    await page.getByRole('img', { name: 'QR code' }).waitFor()
    await takeEntry(page, 'second-factor-setup')
    await enterPassword(page, await newProtectedPerson('eve@example.com'))
    await page.getByLabel('Six-digit code').waitFor()
    await takeEntry(page, 'second-factor')
  })

  it('ways to sign in: passkeys, and linked accounts', async () => {
    const page = await newPage()
    const person = await newProtectedPerson('grace@example.com')
    await enterPassword(page, person)
    await page.getByLabel('Six-digit code').fill(await freshCode(person))
    await page.waitForURL(url('/dashboard'))
    linkGitHub(person.email)
    await addAuthenticator(page)
    await page.goto(url('/profile/security'))
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('The passkey is added.').waitFor()
    await page.goto(url('/profile/security'), { waitUntil: 'networkidle' })
    await take(page, 'passkeys', section(page, 'Passkeys'))
    await take(page, 'linked-accounts', section(page, 'Linked accounts'))
  })

  it('step-up: the confirm page', async () => {
    const person = await newPerson(['owner'], 'olivia@example.com')
    const page = await deviceOf(person, { ...look, deviceScaleFactor: 1.5 })
    await ageSignIn(page, person.email)
    await page.goto(url('/reports'))
    await page.getByRole('link', { name: 'Export CSV' }).click()
    await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor()
    await takeEntry(page, 'confirm')
  })

  afterAll(() => {
    expect(taken).toHaveLength(8)
  })
})
