import Link from 'next/link'

export default function Home() {
  return (
    <main>
      <h1>Pages and API below one domain</h1>
      <Link href="/dashboard">To the dashboard</Link>
    </main>
  )
}
