// @if passkey secondFactor
import { account, auth, passkeys, secondFactors } from '../../auth'
// @end
// @if passkey !secondFactor
//: import { auth, passkeys } from '../../auth'
// @end
// @if !passkey secondFactor
//: import { account, auth, secondFactors } from '../../auth'
// @end
// @if !passkey !secondFactor
//: import { auth } from '../../auth'
// @end
import { signOutAndLeave } from './actions'
// @if secondFactor
import { AuthenticatorApps } from './authenticator-apps'
// @end
// @if passkey
import { Passkeys } from './passkeys'
// @end
import './dashboard.css'

export const metadata = { title: 'Dashboard' }

// The page is sent in one part, so that a visitor without a session gets a redirect before any content.
export const instant = false

export default async function Dashboard() {
  const principal = await auth.require({ returnTo: '/dashboard' }) // do this first, before anything is rendered
  const user = await auth.user()
  // @if passkey
  const listed = await passkeys.list()
  // @end
  // @if secondFactor
  const owned = await secondFactors.list()
  // A new app needs a recent proof of who the user is.
  const addPath = (await account.isFresh()) ? '/dashboard/add-app' : '/confirm?returnTo=/dashboard/add-app'
  // @end
  return (
    <main className="sallyport-dashboard">
      <div className="sallyport-content">
        <header className="sallyport-header">
          <div>
            <h1 className="sallyport-dashboard-title">Hello, {user?.name}</h1>
            <p className="sallyport-dashboard-lead">Only signed-in users can see this page.</p>
          </div>
          <form action={signOutAndLeave}>
            <button type="submit" className="sallyport-dashboard-button">
              Sign out
            </button>
          </form>
        </header>
        <dl className="sallyport-facts">
          <div>
            <dt>Email</dt>
            <dd>{user?.email}</dd>
          </div>
          <div>
            <dt>Roles</dt>
            <dd>{principal.roles.join(', ') || 'none'}</dd>
          </div>
          <div>
            <dt>User</dt>
            <dd>{principal.userId}</dd>
          </div>
        </dl>
        {/* @if passkey */}
        {listed.ok && <Passkeys passkeys={listed.passkeys} />}
        {/* @end */}
        {/* @if secondFactor */}
        {owned.ok && <AuthenticatorApps apps={owned.factors} addPath={addPath} />}
        {/* @end */}
      </div>
    </main>
  )
}
