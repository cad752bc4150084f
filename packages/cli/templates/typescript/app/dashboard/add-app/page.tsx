import { auth, safeReturnTo } from '../../../auth'
import { SetUpApp } from '../../login/second-factor/set-up-app'
import { addApp } from './actions'
import '../../login/login.css'

export const metadata = { title: 'Add an authenticator app' }

// The page is sent in one part, so that a visitor without a session gets a redirect before any content.
export const instant = false

/** Adds an authenticator app of the signed-in user. */
export default async function AddApp() {
  await auth.require({ returnTo: '/dashboard/add-app' })
  return (
    <main className="sallyport-login">
      <div className="sallyport-card">
        <SetUpApp
          action={addApp}
          title="Add an app"
          lead="You need an authenticator app on your phone, which shows a new code each time."
          returnTo={safeReturnTo('/dashboard')}
        >
          <label className="sallyport-field">
            Name
            <input name="name" defaultValue="Authenticator app" maxLength={100} required />
          </label>
        </SetUpApp>
      </div>
    </main>
  )
}
