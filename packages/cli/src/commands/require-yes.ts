import { type Command, Option } from 'commander'
import { ask } from '../terminal/ask.ts'
import { Refusal } from './refusal.ts'

/** For scripts, of a command that cannot be undone. */
export const yesOption = new Option('-y, --yes', 'do not ask')

/** Ends the command where it would have to ask and cannot. Wrong usage. */
export function requireTerminal(self: Command, yes: boolean | undefined, purpose: string): void {
  if (!yes && !process.stdin.isTTY)
    self.error(`error: there is no terminal to ask on: say --yes to ${purpose} without being asked`)
}

/** @throws Refusal when the answer is not yes. */
export async function requireYes(question: string): Promise<void> {
  if (!/^y(?:es)?$/i.test((await ask(`${question} [y/N] `)) ?? '')) throw new Refusal('Nothing was changed.')
}
