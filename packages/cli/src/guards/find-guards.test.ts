import { expect, test } from 'vitest'
import { findGuards, UnreadableCode } from './find-guards.ts'

/** Returns the names of the guards, such as `permission a`, and the lines of guards that could not be read. */
function found(text: string, file = 'page.tsx') {
  const { names, unread } = findGuards(file, text)
  return { names: names.map(({ kind, name }) => `${kind} ${name}`), unread: unread.map(({ line }) => line) }
}
const named = (...names: string[]) => ({ names, unread: [] })

test.each([
  ['requireAuth', "app.get('/', requireAuth(verifier, { permission: 'a' }), show)", ['permission a']],
  ['requireAuth of a namespace', "sallyport.requireAuth(verifier, { role: 'a' })", ['role a']],
  ['withAuth', "export const GET = withAuth(verifier, { permission: 'a' }, handle)", ['permission a']],
  ['withAuth without a requirement', 'export const GET = withAuth(verifier, handle)', []],
  ['isAllowed', "if (isAllowed(principal, { permission: 'a', acr: 'aal2' })) go()", ['permission a']],
  ['auth.require', "await auth.require({ role: 'a', returnTo: '/' })", ['role a']],
  ['auth.meets', "if (await auth.meets({ permission: ['a', `b`] })) go()", ['permission a', 'permission b']],
  ['can', "const { can } = useSession(); can({ role: 'a', permission: 'b' })", ['role a', 'permission b']],
  ['session.can', "session?.can({ role: 'a' })", ['role a']],
  ['Can', '<Can permission="a"><i /></Can>', ['permission a']],
  ['Can with a list', "<Can role={['a', 'b'] as const}>{x}</Can>", ['role a', 'role b']],
  ['Can of an object', '<session.Can role="a">{x}</session.Can>', ['role a']],
  [
    'protect',
    "authProxy({ protect: { '/a/*': { permission: 'a', status: 404 }, '/b': { role: ['b'] } } })",
    ['permission a', 'role b'],
  ],
  ['a guard without names', 'requireAuth(verifier); auth.require(); auth.require({ maxAgeSeconds: 60 })', []],
])('finds the names of %s', (_, code, names) => {
  expect(found(`// a permission\n${code}`)).toEqual(named(...names))
})

test.each([
  ['an import', "import { requireAuth as guard } from 'x'\nguard(verifier, { role: 'a' })"],
  ['an imported component', "import { Can as May } from './session'\nconst x = <May role='a'>y</May>"],
  ['a function of a hook', "const { can: may } = useSession()\nmay({ role: 'a' })"],
  ['auth', "import { auth as session } from './auth'\nsession.require({ role: 'a' })"],
])('follows %s with another name', (_, code) => {
  expect(found(code)).toEqual(named('role a'))
})

test.each([
  ['a text', "const name = 'a'\nauth.require({ role: name })"],
  ['a text that is declared later', "const go = () => auth.require({ role: name })\nconst name = 'a'"],
  ['a list', "const names = ['a'] as const\nauth.require({ role: names })"],
  ['a requirement', "const asked = { role: 'a' } satisfies Asked\nrequireAuth(verifier, asked)"],
  ['a member of an object', "const Role = Object.freeze({ a: 'a' })\nauth.require({ role: Role.a })"],
  ['a spread object', "const base = { role: 'a' }\nauth.require({ ...base, maxAgeSeconds: 60 })"],
  ['a shorthand member', "const role = 'a'\nauth.require({ role })"],
  ['the rules of protect', "const protect = { '/a': { role: 'a' } }\nauthProxy({ protect })"],
])('follows a constant of the same file: %s', (_, code) => {
  expect(found(code)).toEqual(named('role a'))
})

test('reads both branches of a condition', () => {
  expect(found("auth.require({ role: isLate ? 'a' : 'b' })")).toEqual(named('role a', 'role b'))
})

test.each([
  ['comments', "// requireAuth(verifier, { role: 'a' })\n/* <Can role='a' /> */"],
  ['texts', 'const help = "auth.require({ role: \'a\' })" + `can({ role: "b" })`'],
  ['other functions', "createUser({ role: 'a' }); ability.can('read', 'role')"],
  ['functions of other libraries with the same name', "casl.can({ role: 'a', subject: 'b' })"],
  ['other components', '<Role permission="a" /> '],
  ['a component of another library', '<Can I="read" a="role" />'],
  ['another import under the name of a guard', "import { box as Can } from 'x'\nconst y = <Can role='a' />"],
])('ignores %s', (_, code) => {
  expect(found(code)).toEqual(named())
})

test.each([
  ['an imported name', "import { role } from './roles'\nauth.require({ role })"],
  ['a computed name', '\nrequireAuth(verifier, { role: `${area}:read` })'],
  ['a variable', "let role = 'a'; role = 'b'\nauth.require({ role })"],
  ['two constants with the same name', "{ const role = 'a' } { const role = 'b' }\nauth.require({ role })"],
  ['an imported requirement', "import { role } from './roles'\nrequireAuth(verifier, role)"],
  ['a spread property', "import { role } from './roles'\nconst x = <Can {...role}>y</Can>"],
  ['an imported rule', "import { role } from './roles'\nauthProxy({ protect: { '/a': role } })"],
  ['a constant that refers to itself', 'const role = [role]\nauth.require({ role })'],
])('reports a guard that it cannot read: %s', (_, code) => {
  expect(found(code)).toEqual({ names: [], unread: [2] })
})

test('reports lines and columns as editors count them', () => {
  const text = "const s = '🦊'\r\n\r\n  auth.require({\r\n    role: /* 🦊 */ 'a' })"
  expect(findGuards('a.ts', text).names).toEqual([{ kind: 'role', name: 'a', line: 4, column: 20 }])
})

test.each(['a.ts', 'a.mts', 'a.cts'])('%s may have type assertions, and no JSX', (file) => {
  expect(found("can(<Asked>{ role: 'a' })", file).names).toEqual(['role a'])
})

test.each(['a.js', 'a.mjs', 'a.jsx', 'a.tsx'])('%s may have JSX', (file) => {
  expect(found('export default () => <Can role="a">b</Can>', file)).toEqual(named('role a'))
})

test('a file that is not valid code is an error with its place', () => {
  const read = () => findGuards('a.ts', '\nauth.require({ role: })')
  expect(read).toThrow(UnreadableCode)
  expect(read).toThrow(expect.objectContaining({ place: { line: 2, column: 22 } }))
})
