// @if passkey providers
import { passkeys, providers, secondFactors } from '../../auth'
// @end
// @if passkey !providers
//: import { passkeys, secondFactors } from '../../auth'
// @end
// @if !passkey providers
//: import { providers, secondFactors } from '../../auth'
// @end
// @if !passkey !providers
//: import { secondFactors } from '../../auth'
// @end

/** Returns with what the signed-in user can confirm who they are. During an outage, this is the password. */
export async function ownProofs() {
  const owned = await secondFactors.list()
  const hasPassword = !owned.ok || owned.hasPassword
  // @if secondFactor
  const hasApp = owned.ok && owned.factors.length > 0
  // @end
  // @if passkey
  const listed = await passkeys.list()
  const hasPasskey = listed.ok && listed.passkeys.length > 0
  // @end
  // @if passkey secondFactor
  // If a second factor is required and the user has only passkeys, no other proof is enough.
  const needsPasskey = hasPasskey && !hasApp && owned.ok && owned.isRequired
  // @end
  // @if providers
  const linked = await providers.linked()
  const identities = linked.ok ? linked.identities.filter(({ canConfirm }) => canConfirm) : []
  // @end
  return {
    // @if passkey secondFactor
    hasPassword: hasPassword && !needsPasskey,
    // @end
    // @if !passkey|!secondFactor
    //: hasPassword,
    // @end
    // @if secondFactor
    hasApp,
    // @end
    // @if passkey
    hasPasskey,
    // @end
    // @if providers passkey secondFactor
    identities: hasApp || needsPasskey ? [] : identities,
    // @end
    // @if providers !passkey secondFactor
    //: identities: hasApp ? [] : identities,
    // @end
    // @if providers !secondFactor
    //: identities,
    // @end
  }
}
