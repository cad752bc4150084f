/** Where the auth server answers, relative to its own origin. */
export const paths = {
  register: '/api/auth/register',
  login: '/api/auth/login',
  refresh: '/api/auth/refresh',
  logout: '/api/auth/logout',
  session: '/api/auth/session',
  /** One of them is `${paths.sessions}/${id}`. */
  sessions: '/api/auth/sessions',
  passwordChange: '/api/auth/password/change',
  profile: '/api/user/profile',
  revocations: '/api/auth/revocations',
  introspect: '/api/auth/introspect',
  jwks: '/.well-known/jwks.json',
  discovery: '/.well-known/openid-configuration',
  health: '/healthz',
  ready: '/readyz',
  metrics: '/metrics',
} as const
