import { SessionProvider } from '@sallyport/next/client'
import { auth } from '../auth'

export default async function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <SessionProvider initial={await auth()}>{children}</SessionProvider>
      </body>
    </html>
  )
}
