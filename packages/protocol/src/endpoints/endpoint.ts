import type { ErrorCode } from '@sallyport/protocol'
import type { z } from 'zod'

/** Who may ask: anybody, a person who is signed in, or a service with a secret of its own. */
export type Caller = 'anybody' | 'person' | 'verifier' | 'monitor'

/** One answer that is not an error. */
export type Answer = { description: string; schema?: z.ZodType; mediaType?: string }

/** What is promised of one method of one address; the reference is made of it, and every answer in the tests is held to it. */
export type Endpoint = {
  summary: string
  group: 'Signing in' | 'Sessions' | 'Accounts' | 'Verifying' | 'Operating'
  caller: Caller
  request?: z.ZodType
  /** The body may be left out. */
  mayBeEmpty?: boolean
  /** The body may also be a form. */
  asForm?: boolean
  query?: Record<string, { description: string; schema: z.ZodType }>
  answers: Record<number, Answer>
  /** Errors of its own, beside those that its kind of caller and a body bring along. */
  errors?: readonly ErrorCode[]
}
