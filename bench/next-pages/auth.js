import { createAuth } from '@sallyport/next/server'

export const { auth, handlers } = createAuth({ apiPaths: ['/bodies'] })
