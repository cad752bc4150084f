import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Access, faultOfName, readAccess } from '../../packages/protocol/src/access.ts'
import { requireAuth } from '../../packages/verify/src/adapters/express.ts'
import { createVerifier } from '../../packages/verify/src/index.ts'
import { root } from '../../scripts/install.mjs'
import { createVectorKeys } from '../../scripts/vectors/cases.ts'
import {
  definition,
  type NameVector,
  nameCases,
  type PermissionVector,
  permissionCases,
  wrongDefinitions,
} from '../../scripts/vectors/permission-cases.ts'

const vectors = JSON.parse(readFileSync(join(root, 'tests/vectors/permissions.json'), 'utf8')) as {
  issuer: string
  audience: string
  now: number
  jwks: { keys: unknown[] }
  definition: Access
  cases: PermissionVector[]
  names: NameVector[]
  wrongDefinitions: unknown[]
}

it('the file has the cases that the script would write now', () => {
  const sense = ({ token: _, ...vector }: PermissionVector) => vector
  expect(vectors.cases.map(sense)).toEqual(permissionCases(createVectorKeys()).map(sense))
  expect(vectors).toMatchObject({ definition, names: nameCases(), wrongDefinitions })
  expect(JSON.stringify(vectors.jwks)).not.toContain('"d"')
})

function verifierWith(access?: Access) {
  return createVerifier({
    issuer: vectors.issuer,
    audience: vectors.audience,
    feed: false,
    clock: () => vectors.now * 1000,
    fetch: async () => Response.json(vectors.jwks),
    ...(access !== undefined && { access }),
  })
}

describe('the verifier', () => {
  const [withDefinition, without] = [verifierWith(vectors.definition), verifierWith()]

  it.each(vectors.cases)('gives a token its permissions: $name', async (vector) => {
    expect((await withDefinition.verify(vector.token)).permissions).toEqual(vector.permissions)
    expect((await without.verify(vector.token)).permissions).toEqual(vector.withoutDefinition)
  })

  it.each(vectors.names)('guards for the $kind $name: $fault', ({ kind, name, fault }) => {
    expect(faultOfName(kind, name, vectors.definition)).toBe(fault)
    const guard = () => requireAuth(withDefinition, { [kind]: name })
    if (fault === null) expect(guard).not.toThrow()
    else expect(guard).toThrow(new TypeError(fault))
    expect(() => requireAuth(without, { [kind]: name })).not.toThrow()
  })

  it.each(vectors.wrongDefinitions.map((wrong) => [JSON.stringify(wrong), wrong]))(
    'refuses the definition %s',
    (_, wrong) => {
      expect(() => verifierWith(wrong as Access)).toThrow(TypeError)
      expect(() => readAccess(wrong as Access)).toThrow(TypeError)
    },
  )
})
