import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, it } from 'vitest'
import { openPage } from '../../packages/next/src/testing/open-page.ts'
import { otherThan, startWithMailedSignIn } from '../../packages/server/src/testing/mailed-sign-in.ts'
import { storeKinds } from '../../packages/server/src/testing/stores.ts'
import { startNextProcess } from './next-process.ts'

const email = 'ada@example.com'

describe.each(storeKinds)('the Next SDK and mailed sign-ins, on %s', (kind) => {
  async function start(options = {}) {
    const world = await startWithMailedSignIn(kind, options)
    world.server.clock.now = Date.now()
    /** A page with its own browser and its own Next process: it shares no memory with another. */
    const open = () => {
      const { ask, jar } = openPage(startNextProcess(world.server))
      const post = async (path: string, body: object = {}) => {
        const answer = await ask('POST', path, { body: JSON.stringify(body) })
        return { ...answer, body: answer.body as Record<string, unknown> }
      }
      return { post, jar }
    }
    return { ...world, open }
  }

  it('keeps the handle in a cookie that scripts cannot read, and signs in with the code', async () => {
    const { open, newest } = await start()
    const page = open()
    const asked = await page.post(paths.requestSignInMail, { email })
    expect([asked.status, asked.body]).toEqual([202, { status: 'accepted', expiresIn: 600 }])
    expect(asked.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^mailedSignIn=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/),
    ])
    const { code } = await newest()
    const wrong = await page.post(paths.signInWithMailedCode, { code: otherThan(code) })
    expect(wrong.body).toMatchObject({ code: 'invalid_request', errors: [{ field: 'code' }] })
    const signedIn = await page.post(paths.signInWithMailedCode, { code })
    expect([signedIn.status, signedIn.body]).toMatchObject([200, { user: { email } }])
    expect(JSON.stringify(signedIn.body)).not.toMatch(/accessToken|refreshToken|mailedSignIn/)
    expect(Object.keys(page.jar()).sort()).toEqual(['accessToken', 'refreshToken', 'sallyport_device'])
  })

  it('refuses the code in another browser without a call, and clears the cookie of a dead code', async () => {
    const { open, newest, sessions } = await start()
    const [page, other] = [open(), open()]
    await page.post(paths.requestSignInMail, { email })
    const { code, token } = await newest()
    const refused = await other.post(paths.signInWithMailedCode, { code })
    expect(refused.body).toMatchObject({ status: 400, code: 'sign_in_mail_expired' })
    expect(await sessions()).toEqual([])
    const shown = async ({ post }: typeof page) => (await post(paths.describeMailedSignIn, { token })).body
    expect(await shown(page)).toMatchObject({ email, sameBrowser: true })
    expect(await shown(other)).toMatchObject({ email, sameBrowser: false })
    const confirmed = await other.post(paths.confirmMailedSignIn, { token })
    expect([confirmed.status, confirmed.body]).toMatchObject([200, { user: { email } }])
    expect('mailedSignIn' in page.jar()).toBe(true)
    expect((await page.post(paths.signInWithMailedCode, { code })).body).toMatchObject({
      code: 'sign_in_mail_expired',
    })
    expect('mailedSignIn' in page.jar()).toBe(false)
  })

  it('goes on with the second factor after the code', async () => {
    const { open, newest } = await start({ secondFactor: 'required' })
    const page = open()
    await page.post(paths.requestSignInMail, { email })
    const { code } = await newest()
    const pending = await page.post(paths.signInWithMailedCode, { code })
    expect([pending.status, pending.body]).toMatchObject([202, { status: 'second_factor_setup_required' }])
    expect(Object.keys(page.jar())).toEqual(['pendingSignIn'])
  })

  it('says not found if the auth server does not mail codes', async () => {
    const { open } = await start({ mailedSignIn: 'off' })
    const page = open()
    const asked = await page.post(paths.requestSignInMail, { email })
    expect([asked.status, asked.body.code]).toEqual([404, 'not_found'])
    expect(page.jar()).toEqual({})
  })
})
