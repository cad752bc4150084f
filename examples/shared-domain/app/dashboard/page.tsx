import { redirect } from 'next/navigation'
import { auth, signOut } from '../../auth.ts'
import { Summary } from './summary.tsx'

export const instant = false // needed with cacheComponents: the page waits for the check

export default async function Dashboard() {
  const { userId, roles } = await auth.require()
  async function action() {
    'use server'
    await signOut()
    redirect('/login')
  }
  return (
    <main>
      <h1>Dashboard</h1>
      <p data-user={userId}>Roles: {roles.join(', ')}</p>
      <Summary />
      <form action={action}>
        <button type="submit">Sign out</button>
      </form>
    </main>
  )
}
