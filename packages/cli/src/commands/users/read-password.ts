import { ask } from '../../terminal/ask.ts'
import { Refusal } from '../refusal.ts'

/** More than any password that a sign-in accepts. */
const maxBytes = 8_192

/** @throws Refusal when nothing was typed, or something else the second time. */
export async function passwordFromTerminal(): Promise<string> {
  const password = await ask('Password: ', { hidden: true })
  if (!password) throw new Refusal('No password was typed: nothing was made.')
  if ((await ask('Again: ', { hidden: true })) !== password)
    throw new Refusal('The two passwords differ: nothing was made. Try again.')
  return password
}

/** One line, with or without its end. @throws Refusal when it is none, or not the text that a sign-in form could send. */
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
    throw new Refusal('Standard input holds no password: it must be one line of UTF-8.')
  if (password === '') throw new Refusal('Standard input is empty: write the password there, as one line.')
  return password
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
