import { redirect } from 'next/navigation'
import { getServerSession } from 'next-auth'
import { Invoices } from '../../../../next-pages/invoices.jsx'
import { authOptions } from '../../next-auth.js'

export default async function NextAuthPage() {
  const session = await getServerSession(authOptions)
  if (!session) redirect('/login')
  return <Invoices reader={session.user.email} />
}
