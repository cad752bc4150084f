import { type Command, Option } from 'commander'
import { ask } from '../terminal/ask.ts'
import { Refusal } from './refusal.ts'

/** For commands that cannot be undone, in scripts. */
export const yesOption = new Option('-y, --yes', 'do not ask')

/** Ends the command with exit code 2 if it would have to ask without a terminal. */
export function requireTerminal(self: Command, yes: boolean | undefined, purpose: string): void {
  if (!yes && !process.stdin.isTTY)
    self.error(`error: there is no terminal for a question: pass --yes to ${purpose} without being asked`)
}

/** @throws Refusal when the answer is not yes. */
export async function requireYes(question: string): Promise<void> {
  if (!/^y(?:es)?$/i.test((await ask(`${question} [y/N] `)) ?? '')) throw new Refusal('Nothing was changed.')
}
