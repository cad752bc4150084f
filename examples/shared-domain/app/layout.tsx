import { SessionProvider } from '@sallyport/next/client'
import type { ReactNode } from 'react'
import { auth } from '../auth.ts'

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <title>Shared parent domain</title>
      </head>
      <body>
        <SessionProvider initial={auth()}>{children}</SessionProvider>
      </body>
    </html>
  )
}
