import { createAuth } from '@sallyport/next/server'

export const { auth, api, signIn, signUp, signOut, updateProfile, safeReturnTo, handlers } = createAuth({
  apiPaths: ['/invoices', '/invoices.csv', '/customers', '/plans', '/summary', '/reports'],
})
