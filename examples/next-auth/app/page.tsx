import Link from 'next/link'

export default function Home() {
  return (
    <main>
      <h1>NextAuth, with Sallyport behind it</h1>
      <Link href="/dashboard">Dashboard</Link>
    </main>
  )
}
