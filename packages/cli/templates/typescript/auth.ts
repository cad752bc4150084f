import { createAuth } from '@sallyport/next/server'

export const {
  auth,
  account,
  api,
  sessions,
  secondFactors,
  // @if passkey
  passkeys,
  // @end
  // @if mail
  mailedSignIn,
  // @end
  // @if providers
  providers,
  // @end
  signIn,
  signUp,
  signOut,
  changePassword,
  safeReturnTo,
  handlers,
} = createAuth({
  apiPaths: [], // what the browser may reach of your API: '/invoices' as /api/invoices
})
