import { listSigningKeys } from '../store/signing-key.ts'
import type { Context } from './context.ts'

/** Throws unless the store answers and holds a key: then this process can issue tokens. */
export async function requireReadiness({ database }: Context): Promise<void> {
  if ((await listSigningKeys(database)).length === 0) throw new Error('The store holds no signing key.')
}
