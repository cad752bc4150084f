import { NotAllowed } from '../components/failure/not-allowed.tsx'

export default function Forbidden() {
  return (
    <main id="content" className="px-6">
      <NotAllowed />
    </main>
  )
}
