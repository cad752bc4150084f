export {
  type Access,
  type AccessDefinition,
  defineAccess,
  faultOfName,
  isRoleName,
  type PermissionOf,
  permissionsOfRoles,
  type RoleOf,
  readAccess,
} from './access.ts'
export { type AccessTokenClaims, accessTokenType, type JsonValue, reservedClaims } from './claims.ts'
export {
  allCookieNames,
  type CookieNames,
  clearedDuplicateCookies,
  cookieNames,
  deviceCookieMaxAgeSeconds,
  deviceCookieName,
  isHostOnly,
  readCookie,
  readSignInCookie,
  type SignInCookie,
  serializeCookie,
  sessionMarkName,
  signInCookieNames,
  signInCookieSameSite,
} from './cookies.ts'
export { definedRequirementOf } from './defined-requirement.ts'
export { challengeFor, type ErrorCode, errorTable, isErrorCode } from './errors.ts'
export { headers } from './headers.ts'
export {
  type OrganizationDemands,
  organizationAudience,
  organizationAudienceEnd,
  organizationDemandsSchema,
  organizationNameSchema,
  organizationPermissions,
  slugSchema,
} from './organization.ts'
export type { Principal } from './principal.ts'
export {
  type FieldError,
  type Problem,
  type ProblemDetails,
  problem,
  problemMediaType,
  problemResponse,
  problemSchema,
} from './problem.ts'
export {
  type AskedRequirement,
  asksForConfirmation,
  isAllowed,
  type Requirement,
  type RequirementRefusal,
  refusalOf,
  requirementOf,
} from './requirement.ts'
export {
  heartbeatSeconds,
  type IntrospectResponse,
  introspectRequestSchema,
  introspectResponseSchema,
  longestAccessTokenLifeSeconds,
  type Revocation,
  revocationSchema,
  revocationSnapshotSchema,
} from './revocation.ts'
export {
  emailSchema,
  lineSchema,
  nameSchema,
  type ProfileUpdate,
  profileResponseSchema,
  profileUpdateSchema,
  type User,
  type UserFieldValue,
  userFieldValueSchema,
  userSchema,
  withoutInvisible,
} from './user.ts'
