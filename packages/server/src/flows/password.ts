import { GateFullError } from '../credentials/hash-gate.ts'
import type { Context } from './context.ts'
import { FlowError } from './flow-error.ts'

export function hashPassword({ passwords }: Context, password: string): Promise<string> {
  return passwords.hash(password).catch(refuseWhenBusy)
}

export function verifyPassword(
  { passwords }: Context,
  password: string,
  stored: string | null,
): Promise<boolean> {
  return passwords.verify(password, stored).catch(refuseWhenBusy)
}

function refuseWhenBusy(error: unknown): never {
  if (error instanceof GateFullError)
    throw new FlowError('server_busy', { retryAfterSeconds: error.retryAfterSeconds })
  throw error
}
