/** An image as a team would train with: a shell, curl, Python and ordinary HDFS clients. Nothing in it knows Kerberos or Kerbside. */
import { execFileSync } from 'node:child_process'
import { globSync, realpathSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { librariesFor, withLibraries } from '../../../deploy/image/libraries.ts'
import type { Entry } from '../../../deploy/image/tar.ts'
import { TRAIN } from './names.ts'
import type { Recipe } from './recipe.ts'

const PYTHON = '/usr/bin/python3'
/** Parts of the standard library that a training job does not load, and that make up half of its size. */
const LEFT_OUT = [
  'config-*',
  'ensurepip',
  'idlelib',
  'lib2to3',
  'pydoc_data',
  'test',
  'tkinter',
  'turtledemo',
  'unittest',
  'venv',
]

/** `clients` is the folder of the Python clients. */
export function trainImage(clients: string): Recipe {
  const stdlib = execFileSync(PYTHON, ['-Ic', 'import sysconfig; print(sysconfig.get_path("stdlib"))'], {
    encoding: 'utf8',
  }).trim()
  const modules = globSync(`${stdlib}/lib-dynload/*.so`)
  return {
    name: TRAIN,
    entries: [
      { path: 'bin/busybox', from: '/bin/busybox', mode: 0o755 },
      ...applets(),
      ...withLibraries('/usr/bin/curl', realpathSync(PYTHON)),
      ...librariesFor(...modules),
      { path: PYTHON.slice(1), linkTo: basename(realpathSync(PYTHON)) },
      ...folder(stdlib, stdlib.slice(1), LEFT_OUT),
      ...folder(clients, 'usr/lib/python3/dist-packages', ['bin']),
      { path: 'etc/passwd', content: 'root:x:0:0:root:/:/bin/sh\ntrain:x:1000:1000:train:/home/train:/bin/sh\n' },
      { path: 'etc/group', content: 'root:x:0:\ntrain:x:1000:\n' },
      { path: 'etc/nsswitch.conf', content: 'passwd: files\ngroup: files\nhosts: files dns\n' },
      { path: 'tmp', folder: true, mode: 0o1777 },
      { path: 'home/train', folder: true, mode: 0o755, uid: 1000 },
    ],
    env: ['PATH=/usr/bin:/bin', 'LANG=C.UTF-8', 'PYTHONUNBUFFERED=1'],
    workdir: '/home/train',
  }
}

function applets(): Entry[] {
  const names = execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n')
  // Its wget crashes where it looks a name up, being linked statically; curl is there.
  return names
    .filter((name) => name !== 'busybox' && name !== 'wget')
    .map((name) => ({ path: `bin/${name}`, linkTo: 'busybox' }))
}

/** Times are kept: Python takes a compiled module only beside a source of the time it was compiled from. */
function folder(from: string, to: string, leftOut: readonly string[]): Entry[] {
  const files = globSync('**/*', { cwd: from, exclude: leftOut })
  return files
    .map((file) => ({ file, stat: statSync(join(from, file)) }))
    .filter(({ stat }) => stat.isFile())
    .map(({ file, stat }) => ({
      path: join(to, file),
      from: join(from, file),
      modifiedSeconds: Math.floor(stat.mtimeMs / 1000),
      mode: stat.mode & 0o777,
    }))
}
