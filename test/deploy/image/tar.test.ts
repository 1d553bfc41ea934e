/** What the archive writer promises, with the system's own tar as the reader. */
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Entry, tar } from '../../../deploy/image/tar.ts'

const written = (entries: readonly Entry[]): Buffer => Buffer.concat([...tar(entries)])

function listed(entries: readonly Entry[]): string[] {
  const out = execFileSync('tar', ['--numeric-owner', '--utc', '-tvf', '-'], {
    input: written(entries),
    encoding: 'utf8',
  })
  return out.trim().split('\n')
}

function unpacked(entries: readonly Entry[], path: string): string {
  return execFileSync('tar', ['-xOf', '-', path], { input: written(entries), encoding: 'utf8' })
}

const FILE: Entry = { path: 'a/b', content: 'hello' }

describe('an archive', () => {
  it('is read by tar as it was meant: owner, mode, time, link', () => {
    const entries: Entry[] = [
      { path: 'etc/key', content: 'x', mode: 0o600, uid: 65532, modifiedSeconds: 86_400 },
      { path: 'bin/sh', linkTo: 'busybox' },
    ]
    expect(listed(entries)).toEqual([
      'drwxr-xr-x 0/0               0 1970-01-01 00:00 bin/',
      'lrwxrwxrwx 0/0               0 1970-01-01 00:00 bin/sh -> busybox',
      'drwxr-xr-x 0/0               0 1970-01-01 00:00 etc/',
      '-rw------- 65532/65532       1 1970-01-02 00:00 etc/key',
    ])
  })

  it('keeps content of any length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1100 }), (length) => {
        expect(unpacked([{ path: 'f', content: 'x'.repeat(length) }], 'f')).toHaveLength(length)
      }),
      { numRuns: 10, examples: [[0], [511], [512], [513]] },
    )
  })

  it('keeps a path of more than a hundred bytes', () => {
    const path = `${'d'.repeat(90)}/${'e'.repeat(60)}/f`
    expect(unpacked([{ path, content: 'deep' }], path)).toBe('deep')
  })

  it('refuses a path that has no place in it, rather than cutting it', () => {
    expect(() => written([{ path: 'f'.repeat(101), content: '' }])).toThrow('path too long')
  })

  it('has the same bytes whatever the order of the entries', () => {
    const other: Entry = { path: 'a-b/c', content: 'world' }
    expect(written([FILE, other])).toEqual(written([other, FILE]))
  })

  it('keeps the last of two entries of one path', () => {
    expect(unpacked([FILE, { ...FILE, content: 'later' }], FILE.path)).toBe('later')
  })
})
