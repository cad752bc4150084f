import { Can, SignedIn, SignedOut } from '@sallyport/next/client'
import { auth } from '../../auth'

export default async function Dashboard() {
  const { userId } = await auth.require()
  return (
    <>
      <h1>Dashboard of {userId}</h1>
      <SignedIn>
        <p>For those signed in</p>
      </SignedIn>
      <SignedOut>
        <p>For strangers</p>
      </SignedOut>
      <Can permission="nobody:has-this">
        <p>For nobody</p>
      </Can>
    </>
  )
}
