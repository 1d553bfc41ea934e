/** Which packages the image has, held against package.json. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { productionPackages } from '../../../deploy/image/packages.ts'
import { productRuntime } from '../../../deploy/image/product.ts'

const ROOT = join(import.meta.dirname, '../../..')
const paths = productionPackages(ROOT).map(({ path }) => path)
const packageJson = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
  string,
  Record<string, string>
>
const isThere = (name: string) => paths.includes(`kerbside/node_modules/${name}/package.json`)

describe('the packages in the image', () => {
  it.each(Object.keys(packageJson['dependencies'] ?? {}))('have %s', (name) => {
    expect(isThere(name)).toBe(true)
  })

  it.each(Object.keys(packageJson['devDependencies'] ?? {}))('lack %s, which only development needs', (name) => {
    expect(isThere(name)).toBe(false)
  })

  it('have the compiled Kerberos addon, and nothing that compiled or downloaded it', () => {
    const addon = paths.filter((path) => path.includes('/kerberos/'))
    expect(addon).toContain('kerbside/node_modules/kerberos/build/Release/kerberos.node')
    expect(addon.filter((path) => /\.(gyp|cc|h|o)$/.test(path))).toEqual([])
    expect(['prebuild-install', 'node-addon-api'].filter(isThere)).toEqual([])
  })

  it('have no type declarations or source maps', () => {
    expect(paths.filter((path) => /\.(ts|map)$/.test(path))).toEqual([])
  })
})

describe('the Containerfile', () => {
  it('starts the same program, as the same user, as the image that the lab packs', () => {
    const { entrypoint, user, workdir, env } = productRuntime(ROOT)
    const lines = readFileSync(join(ROOT, 'deploy/Containerfile'), 'utf8').split('\n')
    expect(lines).toContain(`ENTRYPOINT [${entrypoint.map((word) => `"${word}"`).join(', ')}]`)
    expect(lines).toContain(`USER ${user}`)
    expect(lines).toContain(`WORKDIR ${workdir}`)
    expect(lines).toContain(`ENV ${env.join(' ')}`)
  })
})
