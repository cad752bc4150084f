import { auth } from '../../auth.js'
import { Invoices } from '../../invoices.jsx'

export default async function GuardedPage() {
  const { userId } = await auth.require()
  return <Invoices reader={userId} />
}
