import { redirect } from 'next/navigation'
import { auth } from '../../../auth.js'
import { Invoices } from '../../../invoices.jsx'

export default async function UserPage() {
  const user = await auth.user()
  if (user === null) redirect('/login')
  return <Invoices reader={user.name} />
}
