import type { DefaultSession } from 'next-auth'
import type { Tokens } from './sallyport'

declare module 'next-auth' {
  /** What `authorize` answers. It never leaves the server. */
  interface User extends Tokens {}
  /** What pages and scripts may know. */
  interface Session {
    user: DefaultSession['user'] & { id: string; roles: string[] }
  }
}

declare module 'next-auth/jwt' {
  /** What the encrypted cookie holds. */
  interface JWT extends Tokens {
    sub: string
  }
}
