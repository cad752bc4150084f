import { type Command, Option } from 'commander'
import { ask } from '../terminal/ask.ts'
import { Refusal } from './refusal.ts'

/** The option `--yes`. Scripts need it for commands that cannot be undone. */
export const yesOption = new Option('-y, --yes', 'do not ask')

/** Ends the command with exit code 2 if it must ask a question and there is no terminal. */
export function requireTerminal(self: Command, yes: boolean | undefined, purpose: string): void {
  if (!yes && !process.stdin.isTTY)
    self.error(`error: there is no terminal for a question: pass --yes to ${purpose} without being asked`)
}

/** @throws Refusal if the answer is not yes. */
export async function requireYes(question: string): Promise<void> {
  if (!/^y(?:es)?$/i.test((await ask(`${question} [y/N] `)) ?? '')) throw new Refusal('Nothing was changed.')
}
