import { ask } from '../../terminal/ask.ts'
import { Refusal } from '../refusal.ts'

/** The maximum length of the input in bytes. It is longer than every password that a sign-in accepts. */
const maxBytes = 8_192

/** Asks twice for the password. @throws Refusal if it is empty, or if the two passwords are different. */
export async function passwordFromTerminal(): Promise<string> {
  const password = await ask('Password: ', { hidden: true })
  if (!password) throw new Refusal('No password was given. No user was created.')
  if ((await ask('Again: ', { hidden: true })) !== password)
    throw new Refusal('The two passwords differ. No user was created. Try again.')
  return password
}

/** Reads one line from standard input. @throws Refusal if the input is not one line of UTF-8. */
export async function passwordFromInput(): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin) {
    chunks.push(chunk)
    size += chunk.length
    if (size > maxBytes) break
  }
  const password = textOf(Buffer.concat(chunks))?.replace(/\r?\n$/, '')
  if (password === undefined || size > maxBytes || /[\0\r\n]/.test(password))
    throw new Refusal('Standard input has no password: it must be one line of UTF-8.')
  if (password === '') throw new Refusal('Standard input is empty: write the password to it, as one line.')
  return password
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
