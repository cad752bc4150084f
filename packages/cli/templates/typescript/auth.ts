import { createAuth } from '@sallyport/next/server'

export const {
  auth,
  api,
  sessions,
  secondFactors,
  signIn,
  signUp,
  signOut,
  changePassword,
  safeReturnTo,
  handlers,
} = createAuth({
  apiPaths: [], // what the browser may reach of your API: '/invoices' as /api/invoices
})
