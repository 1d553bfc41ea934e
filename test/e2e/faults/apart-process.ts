/** A process in a mount namespace of its own that mounts what it is told to, becomes another user, and then another program. */
import { execFileSync } from 'node:child_process'

const [mounts = '[]', user = '', file = '', ...words] = process.argv.slice(2)
for (const args of JSON.parse(mounts) as string[][]) execFileSync('mount', args)
process.setgroups?.([])
process.setgid?.(Number(user))
process.setuid?.(Number(user))
// In place of this process, which began before the library was mounted that goes into all that begin later.
process.execve?.(file, [file, ...words], process.env)
