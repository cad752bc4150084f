import { createAuth } from '@sallyport/next/server'

export const { auth, signIn, signOut, safeReturnTo, handlers } = createAuth()
