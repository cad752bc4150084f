import { paths } from '@sallyport/protocol/endpoints'
import { startSallyport } from './sallyport.ts'
import { freshStore, type StoreKind } from './stores.ts'

type Options = Parameters<typeof startSallyport>[0]
type Mail = { to: string; subject: string; text: string }

/** Starts a server that mails codes and links to sign in, with one user. Bearer clients ask for the mails. */
export async function startWithMailedSignIn(kind: StoreKind, options: Options = {}) {
  const email = 'ada@example.com'
  const store = await freshStore(kind)
  const server = await startSallyport({
    ...store.options,
    developmentInbox: true,
    mailedSignIn: 'on',
    emailVerification: 'sign-in',
    ...options,
  })
  const { id } = await server.addUser(email)
  const mails = async () => ((await (await server.get(paths.inbox)).json()) as { mails: Mail[] }).mails
  const ask = async (address = email): Promise<string> => {
    server.clock.now += 1
    const answer = await server.post(paths.requestSignInMail, { email: address, transport: 'bearer' })
    if (answer.status !== 202) throw new Error(`${answer.status}: ${await answer.text()}`)
    const { mailedSignIn } = (await answer.json()) as { mailedSignIn: string }
    return mailedSignIn
  }
  /** Returns the code and the token of the newest mail to this address. */
  const newest = async (address = email) => {
    const mail = (await mails()).find(({ to, text }) => to === address && /^\d{6}$/m.test(text))
    if (mail === undefined) throw new Error(`No code was mailed to ${address}.`)
    const code = /^\d{6}$/m.exec(mail.text)?.[0] ?? ''
    return { code, token: /\/login\/link#token=([\w-]{43})/.exec(mail.text)?.[1] ?? '' }
  }
  const enter = (code: string, mailedSignIn?: string) =>
    server.post(paths.signInWithMailedCode, {
      code,
      transport: 'bearer',
      ...(mailedSignIn && { mailedSignIn }),
    })
  const describe = (token: string, mailedSignIn?: string) =>
    server.post(paths.describeMailedSignIn, { token, ...(mailedSignIn && { mailedSignIn }) })
  const confirm = (token: string) => server.post(paths.confirmMailedSignIn, { token, transport: 'bearer' })
  const sessions = () => store.query<{ userId: string }>('select * from session')
  return { store, server, id, email, mails, ask, newest, enter, describe, confirm, sessions }
}

/** Returns another code than this one. */
export function otherThan(code: string, step = 1): string {
  return String((Number(code) + step) % 1_000_000).padStart(6, '0')
}
