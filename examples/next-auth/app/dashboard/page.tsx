import { redirect } from 'next/navigation'
import { getServerSession } from 'next-auth'
import { apiGet } from '../../api'
import { authOptions } from '../../auth-options'
import { SignOut } from './sign-out'
import { WhoAmI } from './who-am-i'

type Invoices = { items: { id: string; number: string }[] }

export default async function Dashboard() {
  const session = await getServerSession(authOptions)
  if (session === null) redirect('/login')
  const { items } = await apiGet<Invoices>('/invoices')
  return (
    <main>
      <h1>Hello {session.user.name}</h1>
      <WhoAmI />
      <ul>
        {items.map(({ id, number }) => (
          <li key={id}>{number}</li>
        ))}
      </ul>
      <SignOut />
    </main>
  )
}
