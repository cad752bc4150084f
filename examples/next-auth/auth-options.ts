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
    // This callback also runs during renders, which cannot write cookies. So it only checks the token, and proxy.ts renews the token.
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
      // With this error, NextAuth removes the cookie, and the user is signed out.
      if ((await stateOf(token.accessToken)) === 'ended')
        throw new Error('This session has ended at Sallyport.')
      return token
    },
    // The browser gets this object. It contains the user and no token.
    session: ({ session, token }) => ({
      ...session,
      user: { ...session.user, id: token.sub, roles: token.roles },
    }),
  },
  events: {
    signOut: async ({ token }) => logout(token.refreshToken, await headers()),
  },
}

/** Stores the device cookie. It does not sign anybody in. It shows Sallyport that this browser is known (docs/throttles.md). */
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
