import type { DefaultSession } from 'next-auth'
import type { Tokens } from './sallyport'

declare module 'next-auth' {
  /** The result of `authorize`. It stays on the server. */
  interface User extends Tokens {}
  /** The session that pages and scripts can read. */
  interface Session {
    user: DefaultSession['user'] & { id: string; roles: string[] }
  }
}

declare module 'next-auth/jwt' {
  /** The content of the encrypted cookie. */
  interface JWT extends Tokens {
    sub: string
  }
}
