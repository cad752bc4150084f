import { NotAllowed } from '../../components/failure/not-allowed.tsx'

export default function AppForbidden() {
  return <NotAllowed />
}
