import { cookies, headers } from 'next/headers'
import type { NextAuthOptions } from 'next-auth'
import CredentialsProvider from 'next-auth/providers/credentials'
import { login, logout, stateOf } from './sallyport'

export const isSecure = process.env.NEXTAUTH_URL?.startsWith('https:') ?? false
export const sessionSeconds = 14 * 24 * 60 * 60

export const authOptions: NextAuthOptions = {
  session: { strategy: 'jwt', maxAge: sessionSeconds },
  pages: { signIn: '/login' },
  providers: [
    CredentialsProvider({
      credentials: {
        email: { label: 'Email', type: 'email' },
        password: { label: 'Password', type: 'password' },
      },
      async authorize(credentials) {
        if (!credentials) return null
        const { email, password } = credentials
        const answer = await login({ email, password }, await headers())
        if (answer === null) return null
        if (answer.device) await rememberDevice(answer.device)
        return { ...answer.user, ...answer.tokens }
      },
    }),
  ],
  callbacks: {
    // Runs in renders too, where no cookie can be written: it looks, and leaves renewing to proxy.ts.
    async jwt({ token, user }) {
      if (user) {
        const { id, name, email, roles, accessToken, refreshToken, renewAt } = user
        return {
          sub: id,
          name: name ?? null,
          email: email ?? null,
          roles,
          accessToken,
          refreshToken,
          renewAt,
        }
      }
      // NextAuth's way to say that a session is over: it clears the cookie and answers nobody.
      if ((await stateOf(token.accessToken)) === 'ended')
        throw new Error('This session has ended at Sallyport.')
      return token
    },
    // What leaves the server: who it is, never a token.
    session: ({ session, token }) => ({
      ...session,
      user: { ...session.user, id: token.sub, roles: token.roles },
    }),
  },
  events: {
    signOut: async ({ token }) => logout(token.refreshToken, await headers()),
  },
}

/** Signs nobody in; it tells Sallyport that this browser is no stranger (docs/throttles.md). */
async function rememberDevice(device: string): Promise<void> {
  const jar = await cookies()
  jar.set(`${isSecure ? '__Host-' : ''}sallyport_device`, device, {
    httpOnly: true,
    secure: isSecure,
    sameSite: 'lax',
    path: '/',
    maxAge: 400 * 24 * 60 * 60,
  })
}
