/** Folders whose files are replaced, moved and swapped as editors, Git and Kubernetes do it: each change is heard. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { type FoldersWatch, watchFolders } from '../../src/io/watch-folders.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-watch-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

function heard(root: string): { readonly watch: FoldersWatch; next(change: () => void): Promise<void> } {
  let count = 0
  const watch = watchFolders(root, () => {
    count += 1
  })
  onTestFinished(() => watch.close())
  return {
    watch,
    async next(change) {
      const before = count
      change()
      await vi.waitFor(() => expect(count).toBeGreaterThan(before), 60_000)
      await watch.refresh()
    },
  }
}

/** As editors save: beside it, then over it. */
function replace(file: string, text: string): void {
  const fresh = join(folder, '..', `kerbside-fresh-${process.pid}`)
  writeFileSync(fresh, text)
  renameSync(fresh, file)
}

test('a file that is replaced is heard each time', async () => {
  mkdirSync(join(folder, 'teams/quant'), { recursive: true })
  const file = join(folder, 'teams/quant/grants.yaml')
  writeFileSync(file, 'one')
  const { watch, next } = heard(folder)
  await watch.refresh()
  for (const text of ['two', 'three', 'four']) await next(() => replace(file, text))
})

test('so is one in a folder that was made, and one that was replaced, after the watch began', async () => {
  const { watch, next } = heard(folder)
  await watch.refresh()
  await next(() => mkdirSync(join(folder, 'later')))
  await next(() => writeFileSync(join(folder, 'later/a.yaml'), 'a'))
  mkdirSync(join(folder, '..', `kerbside-other-${process.pid}`))
  await next(() => {
    rmSync(join(folder, 'later'), { recursive: true })
    renameSync(join(folder, '..', `kerbside-other-${process.pid}`), join(folder, 'later'))
  })
  await next(() => writeFileSync(join(folder, 'later/b.yaml'), 'b'))
})

test('so is a root that is a link, when it is swapped, and what lies behind it then', async () => {
  for (const name of ['first', 'second']) mkdirSync(join(folder, name))
  symlinkSync('first', join(folder, 'current'))
  const { watch, next } = heard(join(folder, 'current'))
  await watch.refresh()
  await next(() => {
    symlinkSync('second', join(folder, 'next'))
    renameSync(join(folder, 'next'), join(folder, 'current'))
  })
  await next(() => writeFileSync(join(folder, 'second/a.yaml'), 'a'))
})

test('a link back to a folder around it does not go on for ever', async () => {
  mkdirSync(join(folder, 'in'))
  symlinkSync('..', join(folder, 'in/out'))
  const { watch, next } = heard(folder)
  await watch.refresh()
  await next(() => writeFileSync(join(folder, 'in/a.yaml'), 'a'))
})

test('a folder that is not there yet is heard when it comes', async () => {
  const { watch, next } = heard(join(folder, 'policies'))
  await watch.refresh()
  await next(() => mkdirSync(join(folder, 'policies')))
  await next(() => writeFileSync(join(folder, 'policies/a.yaml'), 'a'))
})

test('nothing is heard once it is closed', async () => {
  const changes = vi.fn()
  const watch = watchFolders(folder, changes)
  await watch.refresh()
  watch.close()
  await watch.refresh()
  const { watch: other, next } = heard(folder)
  await other.refresh()
  await next(() => writeFileSync(join(folder, 'a.yaml'), 'a'))
  expect(changes).not.toHaveBeenCalled()
})
