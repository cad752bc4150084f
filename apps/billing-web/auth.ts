import { createAuth } from '@sallyport/next/server'
import { access } from '../billing-auth/access.ts'

export const {
  auth,
  api,
  sessions,
  account,
  mailedSignIn,
  passkeys,
  providers,
  secondFactors,
  signIn,
  signUp,
  signOut,
  waysToSignIn,
  updateProfile,
  changePassword,
  safeReturnTo,
  handlers,
} = createAuth({
  access,
  apiPaths: ['/invoices', '/invoices.csv', '/customers', '/plans', '/summary', '/reports'],
})
