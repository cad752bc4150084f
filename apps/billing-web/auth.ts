import { createAuth } from '@sallyport/next/server'

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
  apiPaths: ['/invoices', '/invoices.csv', '/customers', '/plans', '/summary', '/reports'],
})
