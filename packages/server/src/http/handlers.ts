import type { EndpointName, endpoints } from '@sallyport/protocol/endpoints'
import { deleteAccountHandler } from './account/delete-account.ts'
import { listIdentitiesHandler, unlinkIdentityHandler } from './account/identities.ts'
import { downloadDataHandler, listActivityHandler } from './account/own-data.ts'
import {
  addPasskeyHandler,
  listPasskeysHandler,
  removePasskeyHandler,
  renamePasskeyHandler,
  startPasskeyHandler,
} from './account/passkeys.ts'
import { readProfileHandler, updateProfileHandler } from './account/profile.ts'
import { readProviderTokenHandler } from './account/provider-token.ts'
import { changeAddressHandler, confirmAddressHandler } from './email/change-address.ts'
import { resendVerificationHandler, verifyAddressHandler } from './email/verify-address.ts'
import type { Handler } from './handler.ts'
import { healthHandler, readinessHandler } from './operation/health.ts'
import { inboxHandler } from './operation/inbox.ts'
import { metricsHandler } from './operation/metrics.ts'
import { openApiHandler, referenceHandler } from './operation/reference.ts'
import {
  acceptInvitationHandler,
  changeMemberHandler,
  describeInvitationHandler,
  inviteMemberHandler,
  leaveOrganizationHandler,
  listInvitationsHandler,
  listMembersHandler,
  removeMemberHandler,
  resendInvitationHandler,
  revokeInvitationHandler,
  transferOrganizationHandler,
} from './organization/members.ts'
import {
  createOrganizationHandler,
  deleteOrganizationHandler,
  keepOrganizationHandler,
  listOrganizationActivityHandler,
  listOrganizationsHandler,
  readOrganizationHandler,
  tradeTokenHandler,
  updateOrganizationHandler,
} from './organization/organizations.ts'
import { changePasswordHandler } from './password/change-password.ts'
import { reauthenticateHandler } from './password/reauthenticate.ts'
import { forgotPasswordHandler, resetPasswordHandler } from './password/reset-password.ts'
import {
  forgetTrustedBrowsersHandler,
  listFactorsHandler,
  makeRecoveryCodesHandler,
  removeFactorHandler,
  renameFactorHandler,
} from './second-factor/factors.ts'
import { confirmTotpHandler, startTotpHandler } from './second-factor/totp.ts'
import { describeSessionHandler } from './session/describe-session.ts'
import { refreshHandler } from './session/refresh.ts'
import { endSessionHandler, endSessionsHandler, listSessionsHandler } from './session/sessions.ts'
import { signOutHandler } from './session/sign-out.ts'
import {
  confirmMailedSignInHandler,
  describeMailedSignInHandler,
  requestSignInMailHandler,
  signInWithMailedCodeHandler,
} from './sign-in/mailed-sign-in.ts'
import {
  confirmWithPasskeyHandler,
  finishPasskeySetupHandler,
  proveSecondFactorWithPasskeyHandler,
  requestPasskeySignUpHandler,
  signInWithPasskeyHandler,
  signUpWithPasskeyHandler,
  startPasskeyConfirmationHandler,
  startPasskeySecondFactorHandler,
  startPasskeySetupHandler,
  startPasskeySignInHandler,
  startPasskeySignUpHandler,
} from './sign-in/passkeys.ts'
import {
  finishProviderHandler,
  holdProviderCallbackHandler,
  listProvidersHandler,
  startProviderHandler,
} from './sign-in/providers.ts'
import {
  describePendingSignInHandler,
  finishSecondFactorHandler,
  proveSecondFactorHandler,
  startSecondFactorHandler,
} from './sign-in/second-factor.ts'
import { signInHandler } from './sign-in/sign-in.ts'
import { signUpHandler } from './sign-in/sign-up.ts'
import { introspectHandler } from './verification/introspect.ts'
import { revocationsHandler } from './verification/revocations.ts'
import { jwksHandler, metadataHandler } from './verification/well-known.ts'

/** The handlers of all endpoints. The compiler requires one handler for every endpoint of the protocol. */
export const handlers: { [Name in EndpointName]: Handler<(typeof endpoints)[Name]> } = {
  signUp: signUpHandler,
  signIn: signInHandler,
  requestSignInMail: requestSignInMailHandler,
  signInWithMailedCode: signInWithMailedCodeHandler,
  describeMailedSignIn: describeMailedSignInHandler,
  confirmMailedSignIn: confirmMailedSignInHandler,
  describePendingSignIn: describePendingSignInHandler,
  proveSecondFactor: proveSecondFactorHandler,
  startSecondFactor: startSecondFactorHandler,
  finishSecondFactor: finishSecondFactorHandler,
  refresh: refreshHandler,
  signOut: signOutHandler,
  readSession: describeSessionHandler,
  listSessions: listSessionsHandler,
  endSessions: endSessionsHandler,
  endSession: endSessionHandler,
  changePassword: changePasswordHandler,
  forgotPassword: forgotPasswordHandler,
  resetPassword: resetPasswordHandler,
  reauthenticate: reauthenticateHandler,
  resendVerification: resendVerificationHandler,
  verifyAddress: verifyAddressHandler,
  changeAddress: changeAddressHandler,
  confirmAddress: confirmAddressHandler,
  readProfile: readProfileHandler,
  updateProfile: updateProfileHandler,
  deleteAccount: deleteAccountHandler,
  listActivity: listActivityHandler,
  downloadData: downloadDataHandler,
  listProviders: listProvidersHandler,
  startProvider: startProviderHandler,
  holdProviderCallback: holdProviderCallbackHandler,
  finishProvider: finishProviderHandler,
  readProviderToken: readProviderTokenHandler,
  listIdentities: listIdentitiesHandler,
  unlinkIdentity: unlinkIdentityHandler,
  listFactors: listFactorsHandler,
  startTotp: startTotpHandler,
  confirmTotp: confirmTotpHandler,
  renameFactor: renameFactorHandler,
  removeFactor: removeFactorHandler,
  makeRecoveryCodes: makeRecoveryCodesHandler,
  forgetTrustedBrowsers: forgetTrustedBrowsersHandler,
  startPasskeySignIn: startPasskeySignInHandler,
  signInWithPasskey: signInWithPasskeyHandler,
  startPasskeySecondFactor: startPasskeySecondFactorHandler,
  proveSecondFactorWithPasskey: proveSecondFactorWithPasskeyHandler,
  startPasskeySetup: startPasskeySetupHandler,
  finishPasskeySetup: finishPasskeySetupHandler,
  requestPasskeySignUp: requestPasskeySignUpHandler,
  startPasskeySignUp: startPasskeySignUpHandler,
  signUpWithPasskey: signUpWithPasskeyHandler,
  startPasskeyConfirmation: startPasskeyConfirmationHandler,
  confirmWithPasskey: confirmWithPasskeyHandler,
  listPasskeys: listPasskeysHandler,
  startPasskey: startPasskeyHandler,
  addPasskey: addPasskeyHandler,
  renamePasskey: renamePasskeyHandler,
  removePasskey: removePasskeyHandler,
  listOrganizations: listOrganizationsHandler,
  createOrganization: createOrganizationHandler,
  readOrganization: readOrganizationHandler,
  updateOrganization: updateOrganizationHandler,
  deleteOrganization: deleteOrganizationHandler,
  keepOrganization: keepOrganizationHandler,
  leaveOrganization: leaveOrganizationHandler,
  transferOrganization: transferOrganizationHandler,
  listMembers: listMembersHandler,
  changeMember: changeMemberHandler,
  removeMember: removeMemberHandler,
  listInvitations: listInvitationsHandler,
  inviteMember: inviteMemberHandler,
  resendInvitation: resendInvitationHandler,
  revokeInvitation: revokeInvitationHandler,
  listOrganizationActivity: listOrganizationActivityHandler,
  describeInvitation: describeInvitationHandler,
  acceptInvitation: acceptInvitationHandler,
  tradeToken: tradeTokenHandler,
  revocations: revocationsHandler,
  introspect: introspectHandler,
  jwks: jwksHandler,
  metadata: metadataHandler,
  discovery: metadataHandler,
  openApi: openApiHandler,
  reference: referenceHandler,
  health: healthHandler,
  ready: readinessHandler,
  metrics: metricsHandler,
  inbox: inboxHandler,
}
